"""Finding and loading the library, and giving its functions their types."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import REPOSITORY, Run
from kstack_lib._ffi.declarations import ABI_VERSION, FUNCTIONS
from kstack_lib._ffi.library import lib


def test_every_function_has_its_types() -> None:
    for name, (result, arguments) in FUNCTIONS.items():
        function = getattr(lib, name)
        assert function.restype is result, name
        assert tuple(function.argtypes) == arguments, name


def test_version() -> None:
    import kstack_lib

    assert lib.kstack_version().decode() == kstack_lib.__version__
    assert lib.kstack_abi_version() == ABI_VERSION


def test_importing_the_package_alone_loads_nothing(run: Run) -> None:
    done = run("-c", "import kstack_lib; print(kstack_lib.__version__)", KSTACK_LIBRARY="/nowhere/libkstack.so")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_named_library_that_is_missing_is_an_error_and_no_other_is_used(run: Run) -> None:
    done = run("-c", "from kstack_lib.any import get_credentials", KSTACK_LIBRARY="/nowhere/libkstack.so")
    assert done.returncode != 0
    assert "ImportError: libkstack could not be loaded" in done.stderr
    assert "/nowhere/libkstack.so (KSTACK_LIBRARY)" in done.stderr
    assert "No such file" in done.stderr
    assert "inside the package" not in done.stderr


def test_the_asynchronous_extra_is_resolved_first() -> None:
    """An installer that chooses boto3 before aioboto3 tries hundreds of its versions one by one."""
    text = (REPOSITORY / "bindings/python/pyproject.toml").read_text()
    assert text.index("aioboto3") < text.index('"boto3')
    assert "kstack-lib[aws-async,aws]" in text


def test_the_command_without_a_library_says_so(run: Run) -> None:
    command = ("-m", "kstack_lib", "credential-process", "--service", "s3", "--layer", "layer3")
    done = run(*command, KSTACK_LIBRARY="/nowhere/libkstack.so.0")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("kstack: libkstack could not be loaded")
    assert "/nowhere/libkstack.so.0" in done.stderr
    assert "Traceback" not in done.stderr
    assert run("-m", "kstack_lib", "--help", KSTACK_LIBRARY="/nowhere/libkstack.so.0").returncode == 0


def test_without_a_name_both_places_are_listed(tmp_path: Path) -> None:
    # A copy of the package, so that a library inside the real one is not found.
    import kstack_lib

    source = Path(kstack_lib.__file__).parent
    for path in source.rglob("*.py"):
        target = tmp_path / "copy" / "kstack_lib" / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    environment = {k: v for k, v in os.environ.items() if k not in ("KSTACK_LIBRARY", "LD_LIBRARY_PATH")}
    program = (
        "import ctypes\n"
        "def refuse(path, *_): raise OSError(f'{path}: refused')\n"
        "ctypes._dlopen = refuse\n"
        "from kstack_lib.any import get_credentials\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**environment, "PYTHONPATH": str(tmp_path / "copy")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "(inside the package): " in done.stderr
    assert "libkstack.so.0 (where the loader of the system looks): libkstack.so.0: refused" in done.stderr
    assert "KSTACK_LIBRARY is not set" in done.stderr


def test_a_function_has_its_types_at_its_first_use() -> None:
    from kstack_lib._ffi.declarations import FUNCTIONS
    from kstack_lib._ffi.library import Library, lib

    another = Library(lib._name)
    for name, (result, arguments) in FUNCTIONS.items():
        assert another.has(name)
        assert name not in vars(another)
        function = getattr(another, name)
        assert function.restype is result
        assert tuple(function.argtypes) == arguments
        assert vars(another)[name] is function
    assert not another.has("kstack_no_such_function")
    with pytest.raises(AttributeError, match="free"):
        another.free  # noqa: B018


def compile_library(path: Path, source: str) -> Path:
    subprocess.run(["gcc", "-shared", "-fPIC", "-x", "c", "-o", str(path), "-"], input=source, text=True, check=True)
    return path


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            "unsigned kstack_abi_version(void) { return 7; }",
            "it is another library with ABI version 7, and this package, version ",
        ),
        ("unsigned kstack_abi_version(void) { return 0; }", "it is another library, which lacks "),
        ("int something_else;", "it is another library, which lacks "),
        (
            'const char *kstack_version(void) { return "0.0.9"; } unsigned kstack_abi_version(void) { return 0; }',
            "it is version 0.0.9, which lacks ",
        ),
        (
            'const char *kstack_version(void) { return "9.8.7"; } unsigned kstack_abi_version(void) { return 7; }',
            "it is version 9.8.7 with ABI version 7, and this package, version ",
        ),
        (
            'const char *kstack_version(void) { return "0.0.9"; } unsigned kstack_abi_version(void) { return 0; }'
            + "".join(f" void {name}(void) {{}}" for name in FUNCTIONS if not name.endswith("_version")),
            "it is version 0.0.9, which is older than this package, version ",
        ),
    ],
)
def test_another_library_is_refused(tmp_path: Path, run: Run, source: str, expected: str) -> None:
    library = compile_library(tmp_path / "other.so", source)
    done = run("-c", "from kstack_lib.any import get_credentials", KSTACK_LIBRARY=str(library))
    assert done.returncode != 0
    assert expected in done.stderr


@pytest.mark.parametrize(
    ("confstr", "expected"),
    [
        ("lambda name: 'glibc 2.31'", "libkstack needs glibc 2.34 or later, and this system has glibc 2.31"),
        # What musl does, which packaging/test asks it, and what a Python does that does not know the name.
        (
            "no(OSError(22, 'Invalid argument'))",
            "libkstack needs glibc 2.34 or later, and this system has another C library, such as musl",
        ),
        (
            "no(ValueError('unrecognized'))",
            "libkstack needs glibc 2.34 or later, and this system has another C library, such as musl",
        ),
    ],
)
def test_another_c_library_is_reported_in_one_line(run: Run, confstr: str, expected: str) -> None:
    program = (
        "import os\n"
        "def no(error):\n    def confstr(name): raise error\n    return confstr\n"
        f"os.confstr = {confstr}\n"
        "try:\n    import kstack_lib._ffi.library\n"
        "except ImportError as error:\n    print(error)\n"
    )
    done = run("-c", program, KSTACK_LIBRARY="/nowhere/libkstack.so")
    assert (done.returncode, done.stdout) == (0, expected + "\n"), done.stderr


def test_the_library_inside_the_package_is_used(tmp_path: Path) -> None:
    import kstack_lib

    source = Path(kstack_lib.__file__).parent
    for path in source.rglob("*.py"):
        target = tmp_path / "copy" / "kstack_lib" / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    (tmp_path / "copy" / "kstack_lib" / "libkstack.so.0").write_bytes(Path(lib._name).resolve().read_bytes())
    done = subprocess.run(
        [sys.executable, "-c", "import kstack_lib._ffi.library as l; print(l.lib._name)"],
        env={**{k: v for k, v in os.environ.items() if k != "KSTACK_LIBRARY"}, "PYTHONPATH": str(tmp_path / "copy")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.strip() == str(tmp_path / "copy" / "kstack_lib" / "libkstack.so.0"), done.stderr
