"""Measures kstack in a pod against its peers, and prints tables.

    bench_pods.py BUILD           everything, with the stand-in API server, over TLS
    bench_pods.py starts COUNT    in a pod: Python processes that get their first credential, in turns

The answers of the stand-in come from the folder that KSTACK_APISERVER_RECORDINGS names.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STARTS = 21
ROUNDS, ITERATIONS = 21, 200
SECRET = {"access-key": b"AKIAIOSFODNN7EXAMPLE", "secret-key": b"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
NAME = "layer3-s3-credentials"

#: Prints its own peak memory: the system's figure for a child begins with that of its parent.
TAIL = "\nprint(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1])"
PROGRAMS = {
    "empty": "pass",
    "kstack": "from kstack_lib.any.security import get_credentials\nget_credentials('s3', 'layer3')['access-key']",
    "kubernetes": (
        "import base64\nfrom kubernetes import client, config\nconfig.load_incluster_config()\n"
        f"secret = client.CoreV1Api().read_namespaced_secret({NAME!r}, 'layer-3-production')\n"
        "base64.b64decode(secret.data['access-key'])"
    ),
}


def starts(count: int) -> None:
    """Print milliseconds and MB of each program, medians."""
    times: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    memory: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for _ in range(count):
        for name, program in PROGRAMS.items():
            start = time.perf_counter()
            done = subprocess.run([sys.executable, "-c", program + TAIL], stdout=subprocess.PIPE, text=True, check=True)
            times[name].append((time.perf_counter() - start) * 1e3)
            memory[name].append(int(done.stdout) * 1024 / 1e6)
    for name in PROGRAMS:
        # The first of each kind compiles.
        print(f"{name} {statistics.median(times[name][1:])} {statistics.median(memory[name][1:])}")


def compiled(build: Path, folder: Path) -> Path:
    """Compile the client in C."""
    names = ["kstack", "libcurl", "jansson", "libsodium"]
    environment = {**os.environ, "PKG_CONFIG_PATH": str(build / "pkgconfig")}
    words = subprocess.run(
        ["pkg-config", "--cflags", "--libs", *names], env=environment, stdout=subprocess.PIPE, text=True, check=True
    ).stdout.split()
    program = folder / "bench_pod"
    flags = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror"]
    source = str(Path(__file__).with_name("bench_pod.c"))
    subprocess.run([os.environ.get("CC", "cc"), *flags, source, "-o", str(program), *words], check=True)
    return program


def measure(build: Path, folder: Path) -> None:
    """Measure everything and print the tables."""
    sys.path[:0] = [str(ROOT / "Tests/support"), str(ROOT / "Tests/cluster")]
    from apiserver import ANYTHING, Recordings, StandIn, Subject
    from pods import TOKEN, Pod

    os.environ["KSTACK_LIBRARY"] = str(build / "lib/libkstack.so.0")
    with StandIn(Recordings(Path(os.environ["KSTACK_APISERVER_RECORDINGS"]))) as server:
        server.objects.put_secret(NAME, SECRET)
        server.objects.subjects[TOKEN] = Subject(allowed=ANYTHING)
        pod = Pod(folder, server)
        pod.variables["LD_LIBRARY_PATH"] = str(build / "lib")
        # As for an installed package: compiled once.
        pod.variables["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")
        pod.variables["PYTHONDONTWRITEBYTECODE"] = ""

        def run(*command: str) -> list[list[str]]:
            done = subprocess.run(
                pod.command(*command), env=pod.environment, cwd=folder, stdout=subprocess.PIPE, text=True, check=True
            )
            return [line.split() for line in done.stdout.splitlines()]

        found = {name: (float(ms), float(mb)) for name, ms, mb in run(sys.executable, __file__, "starts", str(STARTS))}
        base, theirs = found["empty"], found["kubernetes"]
        print(
            f"\nPython processes in a pod, {STARTS - 1} each in turns, medians of wall time and of memory at the peak;"
        )
        print("at most 1/30 of the kubernetes client and 25 MB are wanted\n")
        print(f"{'':38}{'ms':>10}{'less empty':>13}{'MB':>8}{'of kubernetes':>16}")
        labels = {
            "empty": "an empty program",
            "kstack": "kstack_lib: first credential",
            "kubernetes": "kubernetes: first credential",
        }
        for name, label in labels.items():
            milliseconds, megabytes = found[name]
            ratio = f"1/{theirs[0] / milliseconds:.1f}"
            print(f"{label:38}{milliseconds:>10.1f}{milliseconds - base[0]:>13.1f}{megabytes:>8.1f}{ratio:>16}")

        url = f"https://127.0.0.1:{server.port}/api/v1/namespaces/layer-3-production/secrets/{NAME}?timeout=4750ms"
        program = str(compiled(build, folder))
        print(
            f"\nWarm look-ups in a pod, from C: {ROUNDS} rounds in turns, medians; at most 1.05 times the request is wanted\n"
        )
        print(f"{'':28}{'look-up µs':>12}{'request µs':>12}{'ratio':>8}{'processor time µs':>20}")
        for label, delay, iterations in (("a server that answers at once", 0.0, 200), ("after 2 ms", 0.002, 50)):
            server.hook = (lambda _, delay=delay: time.sleep(delay)) if delay else None
            warm = dict(run(program, "s3", "layer3", url, str(ROUNDS), str(iterations)))
            print(
                f"{label:30}{float(warm['lookup']):>10.1f}{float(warm['request']):>12.1f}{float(warm['ratio']):>7.3f}x",
                end="",
            )
            print(f"{float(warm['lookup-processor']):>10.1f}{float(warm['request-processor']):>10.1f}")
        print("\nThe request is libcurl's, its JSON parsed and its Base64 decoded. Processor time is the client's.")


def main() -> None:
    """Do what the arguments say."""
    if sys.argv[1] == "starts":
        starts(int(sys.argv[2]))
        return
    if "KSTACK_APISERVER_RECORDINGS" not in os.environ:
        print("\npods: not run, since KSTACK_APISERVER_RECORDINGS is not a folder of recorded answers")
        return
    with tempfile.TemporaryDirectory(prefix="kstack-bench-") as folder:
        measure(Path(sys.argv[1]).resolve(), Path(folder))


if __name__ == "__main__":
    main()
