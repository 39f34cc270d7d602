"""The examples of docs/python.md, and of the package's own page, run as they stand."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from conftest import Project, Run, shell
from pages import block, blocks


@pytest.fixture
def examples() -> list[str]:
    """The five parts of the page before its tests: credentials, the vault, services, a container, an override."""
    return blocks("docs/python.md", "Python", "python", 5)


def output(run: Run, *lines: str) -> list[str]:
    """Run Python, which has to succeed and to say nothing else, and give what it printed."""
    done = run("-W", "error", "-c", "\n".join(lines))
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout.splitlines()


def test_credentials(project: Project, run: Run, examples: list[str]) -> None:
    for code in (examples[0], block("bindings/python/README.md", "kstack-lib", "python")):
        assert output(run, "connect = print", code) == ["AKIAEXAMPLE wJalrXUtnFEMI-canary-4711"]


def test_a_vault(project: Project, run: Run, examples: list[str]) -> None:
    project.recipients()
    project.encrypt("token: one\n", name="app.yaml")
    lines = output(run, examples[1], "print(sorted(file.path for file in vault.status()))")
    assert lines == ["['layer3/app.yaml', 'layer3/cloud-credentials.yaml', 'layer3/tls.pem']"]
    assert sorted(path.name for path in project.folder().iterdir()) == [
        "secret.app.yaml",
        "secret.cloud-credentials.yaml",
        "secret.tls.pem",
    ]


def test_services(quick_start: Path, run: Run, examples: list[str]) -> None:
    shell(block("docs/providers.md", "Providers", "sh"), quick_start)
    shell(block("docs/layer-secrets.md", "Layer secrets", "sh"), quick_start)
    shown = "print(sorted(secrets), service['provider'], service['bucket'], repr(route).replace(chr(39), chr(34)))"
    (line,) = output(run, examples[2], shown)
    assert line == "['api-key', 'db-password'] localstack dev-files \"development\""
    assert 'route = get_active_route("layer3")  # "development"\n' in examples[2]


def test_a_container(project: Project, run: Run, examples: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.root.parent)
    code = examples[3].replace("    provider.get_credentials", "    found = provider.get_credentials")
    assert output(run, code + '    print(found["access-key"])') == ["AKIAEXAMPLE"]


def test_an_override(run: Run, examples: list[str]) -> None:
    before = (
        "from kstack_lib.any.container import KStackContainer",
        "class Fixed:",
        "    def get_credentials(self, service, layer, environment): return {service: layer}",
        "container = KStackContainer()",
    )
    code = examples[4].replace("    ...\n", '    print(dict(container.get_credentials("s3", "layer3", "dev")))\n')
    assert output(run, *before, code) == ["{'s3': 'layer3'}"]


def test_asyncio(quick_start: Path, run: Run) -> None:
    code = block("docs/python.md", "Python", "py") + 'print(credentials["access_key_id"])\n'
    main = "async def main():\n" + textwrap.indent(code, "    ")
    assert output(run, "import asyncio", main, "asyncio.run(main())") == ["AKIAEXAMPLE"]


def test_the_fixture_of_pytest(tmp_path: Path, run: Run) -> None:
    plugins, _, test = block("docs/python.md", "Tests", "py").partition("\n\n")
    (tmp_path / "conftest.py").write_text(plugins)
    looked_up = '    assert get_credentials("s3", "layer3", "dev")["access-key"] == "AKIATEST"\n'
    assert "    ...\n" in test
    code = "from kstack_lib.any.security import get_credentials\n" + test.replace("    ...\n", looked_up)
    (tmp_path / "test_program.py").write_text(code)
    done = run("-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={tmp_path}", str(tmp_path))
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
