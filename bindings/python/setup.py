"""The library inside a wheel, and its building from an sdist; see `make wheel` and `make sdist`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

import setuptools
from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py

HERE = Path(__file__).parent
PACKAGE = HERE / "src" / "kstack_lib"
# Where an sdist has what the library is built of. In the repository `make` builds it, and it is not in the package.
SOURCES = HERE / "kstack"
HAS_LIBRARY = (PACKAGE / "libkstack.so.0").exists() or SOURCES.exists()


class Build(build_py):  # type: ignore[misc]
    """Builds library and program first, where an sdist is unpacked."""

    def run(self) -> None:
        """Build them, and put them into the package."""
        if SOURCES.exists() and not (PACKAGE / "libkstack.so.0").exists():
            if shutil.which("swift") is None or shutil.which("make") is None:
                raise SystemExit("building kstack-lib needs Swift 6.3 (https://www.swift.org/install/linux/) and make")
            subprocess.run(["make", "-s", "-C", str(SOURCES), "all"], check=True)
            subprocess.run([SOURCES / "packaging" / "third-party", SOURCES / "build"], check=True)
            shutil.copy(SOURCES / "build" / "kstack.spdx.json", HERE)
            (PACKAGE / "bin").mkdir(exist_ok=True)
            shutil.copy(SOURCES / "build" / "lib" / "libkstack.so.0", PACKAGE / "libkstack.so.0")
            shutil.copy(SOURCES / "build" / "bin" / "kstack", PACKAGE / "bin" / "kstack")
        super().run()


class Wheel(bdist_wheel):  # type: ignore[misc]
    """A wheel for each Python 3, since nothing in it is compiled against one."""

    def get_tag(self) -> tuple[str, str, str]:
        """Return the tags; a wheel that auditwheel has not checked is for this kind of machine."""
        here = sysconfig.get_platform().replace("-", "_")
        return ("py3", "none", os.environ.get("KSTACK_WHEEL_PLATFORM", here) if HAS_LIBRARY else "any")

    def write_wheelfile(self, wheelfile_base: str, generator: str = f"setuptools {setuptools.__version__}") -> None:
        """Put the list of linked parts where PEP 770 wants it."""
        super().write_wheelfile(wheelfile_base, generator)
        if HAS_LIBRARY:
            folder = Path(wheelfile_base) / "sboms"
            folder.mkdir(exist_ok=True)
            shutil.copy(HERE / "kstack.spdx.json", folder)


class Contents(Distribution):
    """A distribution that is for one platform if it has the library."""

    def has_ext_modules(self) -> bool:
        """Return whether it goes to the folder of platform files."""
        return HAS_LIBRARY


setup(distclass=Contents, cmdclass={"bdist_wheel": Wheel, "build_py": Build})
