"""Programs in C and Go, compiled against the library in the build folder."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BUILD = REPOSITORY / "build"

#: What a program of a page has to pass.
STRICT = ("-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror")

#: Packages of Go that programs of pages use.
PACKAGES = ("context", "errors", "fmt", "log", "net/http", "os", "os/exec", "kstack.dev/go/kstack")


def pkg_config() -> list[str]:
    """Give the flags that compile and link with the library."""
    environment = {**os.environ, "PKG_CONFIG_PATH": str(BUILD / "pkgconfig")}
    command = ["pkg-config", "--cflags", "--libs", "kstack"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.split()


def c_program(fragment: str, before: str = "", after: str = "") -> str:
    """Give a program whose main is a fragment of a page, with what comes before and after it there."""
    return f"""
#include <kstack.h>
#include <stdio.h>

static void use(const char *value) {{ puts(value); }}

int main(void) {{
  (void)use;
{before}
{fragment}
{after}
  return 0;
}}
"""


def build_c(source: str, target: Path) -> Path:
    """Compile a program of a page; it finds the library by itself."""
    command = ["cc", *STRICT, "-x", "c", "-", "-o", str(target), *pkg_config(), f"-Wl,-rpath,{BUILD / 'lib'}"]
    subprocess.run(command, input=source, text=True, check=True)
    return target


#: What many fragments of pages go on with.
C_CONTAINER = """
  kstack_error *error = NULL;
  kstack_container *container = NULL;
  if (kstack_container_new(NULL, &container, &error) != KSTACK_OK) return 1;
"""
C_FREE = """
  kstack_container_free(container);
  kstack_error_free(error);
"""


def checked(fragment: str) -> str:
    """Give a fragment with the checks that it leaves out after its calls, and with something to do for `{ … }`."""
    fragment = re.sub(r"^(?!if )(.*\berr :?= .*)$", r"\1\nif err != nil {\nreturn err\n}", fragment, flags=re.M)
    return fragment.replace("{ … }", '{\nfmt.Println("…")\n}')


GO_CONTAINER = checked("container, err := kstack.New(kstack.Options{})") + "\ndefer container.Close()\n"


def go_program(fragment: str, after: str = "return nil", beside: str = "") -> str:
    """Give a program that runs a fragment of a page, what comes after it, and has declarations beside it."""
    text = f"""
{beside}

func run(ctx context.Context) error {{
{fragment}
{after}
}}

func main() {{
	if err := run(context.Background()); err != nil {{
		log.Fatal(err)
	}}
}}
"""
    code = re.sub(r"//.*", "", text)
    imports = [path for path in PACKAGES if re.search(rf"\b{path.rsplit('/')[-1]}\.[A-Z]", code)]
    return "package main\n\nimport (\n" + "".join(f'\t"{path}"\n' for path in imports) + ")\n" + text


def go_variables() -> dict[str, str]:
    """Give the variables with which Go builds against the library, and fetches nothing."""
    return {
        # Go's shared cache keeps the folder of a library that was linked once, even when pkg-config names another.
        "GOCACHE": str(BUILD / "go-cache"),
        **os.environ,
        "PKG_CONFIG_PATH": str(BUILD / "pkgconfig"),
        "GOFLAGS": "-mod=mod",
        "GOPROXY": "off",
    }


def build_go(source: str, folder: Path, *flags: str) -> Path:
    """Build a program in Go against the binding of this repository."""
    (folder / "main.go").write_text(source, encoding="utf-8")
    (folder / "go.mod").write_text(
        "module program\n\ngo 1.19\n\nrequire kstack.dev/go/kstack v0.0.0\n\n"
        f"replace kstack.dev/go/kstack => {REPOSITORY}/bindings/go\n"
    )
    command = ["go", "build", *flags, "-o", "program", "."]
    subprocess.run(command, cwd=folder, env=go_variables(), check=True)
    return folder / "program"
