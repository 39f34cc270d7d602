"""Plots the time of encrypting and decrypting a file over its size, one line per program: plot.py FILE < figures.

The figures are JSON: {program: {"encrypt": [[bytes, seconds], …], "decrypt": […]}}.
"""

import json
import sys

import matplotlib

matplotlib.use("svg")
# Text stays text, so that the file is small and searchable, and two runs differ only in their figures.
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "kstack", "font.family": "sans-serif"})

from matplotlib import pyplot  # noqa: E402

UNITS = {1 << 10: "KiB", 1 << 20: "MiB", 1 << 30: "GiB"}


def label(size: int) -> str:
    """Return a size with its unit."""
    unit = max(unit for unit in UNITS if unit <= size)
    return f"{size // unit} {UNITS[unit]}"


def main() -> None:
    """Draw the two plots side by side."""
    found = json.load(sys.stdin)
    figure, pictures = pyplot.subplots(1, 2, figsize=(10, 4), sharey=True, layout="constrained")
    for picture, what in zip(pictures, ("encrypt", "decrypt")):
        for program, times in found.items():
            sizes = [size for size, _ in times[what]]
            picture.plot(sizes, [seconds * 1000 for _, seconds in times[what]], marker="o", label=program)
            picture.set_xticks(sizes, [label(size) for size in sizes])
        picture.set(xscale="log", yscale="log", title=f"{what} a file", xlabel="size")
        picture.set_xticks(sizes, [label(size) for size in sizes])
        picture.minorticks_off()
        picture.grid(alpha=0.3)
    pictures[0].set_ylabel("milliseconds")
    pictures[1].legend()
    figure.savefig(sys.argv[1], metadata={"Date": None, "Creator": None})


if __name__ == "__main__":
    main()
