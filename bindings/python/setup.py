"""Names the platform in a wheel that has the library inside; see `make wheel`. Everything else is in pyproject.toml."""

from __future__ import annotations

from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel

HAS_LIBRARY = (Path(__file__).parent / "src" / "kstack_lib" / "libkstack.so.0").exists()


class Wheel(bdist_wheel):  # type: ignore[misc]
    """A wheel for each Python 3, since nothing in it is compiled against one."""

    def get_tag(self) -> tuple[str, str, str]:
        """Give the tags; glibc 2.34 is what the library asks for."""
        return ("py3", "none", "manylinux_2_34_x86_64" if HAS_LIBRARY else "any")


class Contents(Distribution):
    """What is in it is for one platform where the library is."""

    def has_ext_modules(self) -> bool:
        """Say whether it goes to the folder of platform files."""
        return HAS_LIBRARY


setup(distclass=Contents, cmdclass={"bdist_wheel": Wheel})
