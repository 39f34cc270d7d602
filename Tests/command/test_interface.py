"""What the check of the binary interface says of a header that was changed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from people import REPOSITORY

BREAKS = {
    "a function is removed": ("KSTACK_API const char *kstack_version(void);", ""),
    "a function is changed": ("uint32_t kstack_version_number(void)", "uint64_t kstack_version_number(void)"),
    "a callback is changed": ("kstack_log_level level, const char *message);", "kstack_log_level level, int message);"),
    "a type is changed": ("typedef int32_t kstack_status;", "typedef int64_t kstack_status;"),
    "a field is changed": ("const char *identity_file;", "int identity_file;"),
    "a field comes before others": ("const char *project_root;", "int at_the_front;\n  const char *project_root;"),
    "a structure has grown": ("void *log_context;\n}", "void *log_context;\n  int more;\n}"),
    "a number is another one": (
        "KSTACK_ERROR_CONFLICT ((kstack_status)11)",
        "KSTACK_ERROR_CONFLICT ((kstack_status)99)",
    ),
    "a number is removed": ("#define KSTACK_VAULT_FILE_CURRENT ((uint32_t)2)", ""),
}
ADDITIONS = {
    "a function": ("KSTACK_API const char *kstack_version(void);", "KSTACK_API int kstack_n(void);\n{}"),
    "a number": ("#define KSTACK_ERROR_TIMEOUT ", "#define KSTACK_ERROR_NEW ((kstack_status)99)\n{}"),
}


def check(folder: Path, old: str, new: str) -> subprocess.CompletedProcess[str]:
    """Check the header with one change."""
    header = (REPOSITORY / "Include" / "kstack.h").read_text()
    assert header.count(old) == 1
    (folder / "kstack.h").write_text(header.replace(old, new.replace("{}", old)))
    command = [REPOSITORY / "Tests" / "abi" / "check", folder / "kstack.h"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("change", BREAKS)
def test_what_breaks_programs_fails(change: str, tmp_path: Path) -> None:
    done = check(tmp_path, *BREAKS[change])
    assert done.returncode == 1, done
    assert "ABI break" in done.stdout, done


@pytest.mark.parametrize("change", ADDITIONS)
def test_what_is_added_passes(change: str, tmp_path: Path) -> None:
    done = check(tmp_path, *ADDITIONS[change])
    assert (done.returncode, done.stdout.split()[0]) == (0, "ok"), done
