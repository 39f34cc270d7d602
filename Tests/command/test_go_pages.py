"""The Go of the pages is compiled and run in a project; that for a pod is run in one, by the tests of pods."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from compiled import BUILD, GO_CONTAINER, build_go, checked, go_program, go_variables
from pages import block, blocks
from people import REPOSITORY, Person


@pytest.fixture(autouse=True)
def _more(shop: Person) -> None:
    """What else the fragments name."""
    shop.set("layer3/cloud-credentials.yaml", "s3.access-key", "AKIAEXAMPLE")
    shop.set("layer3/cloud-credentials.yaml", "s3.region", "eu-central-1")
    (shop.project / "vault/dev/layer3/tls.pem").write_bytes(b"made up")
    shop.run("encrypt")


def run(person: Person, folder: Path, program: str) -> list[str]:
    """The lines that a program prints in the project."""
    built = build_go(program, folder)
    return person.call(str(built), more={"LD_LIBRARY_PATH": str(BUILD / "lib")}).text.splitlines()


VAULT = GO_CONTAINER + checked('vault, err := container.OpenVault(ctx, "dev")') + "\ndefer vault.Close()\n"


def test_the_quick_start(shop: Person, tmp_path: Path) -> None:
    after = 'fmt.Println(credentials.Get("access_key_id"))\nreturn err'
    lines = run(shop, tmp_path, go_program(block("README.md", "Quick start", "go"), after))
    assert lines == ["AKIAEXAMPLE <nil>"]


def test_the_readme_of_the_binding(shop: Person, tmp_path: Path) -> None:
    fragment = checked(block("bindings/go/README.md", "kstack for Go", "go"))
    assert run(shop, tmp_path, go_program(fragment, "fmt.Println(key)\nreturn nil")) == ["AKIAEXAMPLE"]


def test_the_page_of_go(shop: Person, tmp_path: Path) -> None:
    look_ups, vault, services = blocks("docs/go.md", "Go", "go", 3)
    # Ranging over functions is for a later Go than the oldest; the tests of the package do it where there is one.
    (later,) = re.findall(r"^for .* range (.*) { … } // Go 1\.23 or later\n", look_ups, re.M)
    assert f"range {later} {{" in (REPOSITORY / "bindings/go/credentials_iterator_test.go").read_text()
    look_ups = checked(re.sub(r"^for .*// Go 1\.23 or later\n", "", look_ups, flags=re.M))
    lines = run(shop, tmp_path, go_program(look_ups, "fmt.Println(key, region, ok)\nreturn nil"))
    assert lines == ["AKIAEXAMPLE eu-central-1 true"]

    shown = "for _, file := range results {\nfmt.Println(file.Path, file.Outcome)\n}\nreturn nil"
    lines = run(shop, tmp_path, go_program(GO_CONTAINER + checked(vault), shown))
    assert lines == ["layer3/cloud-credentials.yaml encrypted", "layer3/tls.pem encrypted"]

    shop.shell(block("docs/providers.md", "Providers", "sh"))
    shop.shell(block("docs/layer-secrets.md", "Layer secrets", "sh"))
    shown = 'fmt.Println(values["api-key"], len(environ), keys.Names(), route, len(answer) > 0)\nreturn nil'
    lines = run(shop, tmp_path, go_program(GO_CONTAINER + checked(services), shown))
    assert lines == ["made-up 2 [AccessKeyId SecretAccessKey] development true"]


def test_the_tests_of_a_program(tmp_path: Path) -> None:
    lines = block("docs/go.md", "Tests of a program", "go")
    (tmp_path / "program_test.go").write_text(f"""
package main

import (
	"context"
	"errors"
	"testing"

	"kstack.dev/go/kstack"
	"kstack.dev/go/kstack/kstacktest"
)

func serve(ctx context.Context, source kstack.Source) {{
	credentials, err := source.GetCredentials(ctx, kstack.Query{{Service: "s3", Layer: kstack.Layer3}})
	if err != nil {{
		panic(err)
	}}
	defer credentials.Close()
	_, err = source.GetCredentials(ctx, kstack.Query{{Service: "smtp", Layer: kstack.Layer0}})
	if !errors.Is(err, kstack.ErrClusterAPI) {{
		panic(err)
	}}
}}

func TestProgram(t *testing.T) {{
	ctx := context.Background()
{lines}
	if asked := source.Queries(); len(asked) != 2 || asked[1].Service != "smtp" {{
		t.Fatal(asked)
	}}
}}
""")
    # For its go.mod.
    build_go(go_program(""), tmp_path)
    variables = {**go_variables(), "LD_LIBRARY_PATH": str(BUILD / "lib")}
    subprocess.run(["go", "test", "-count=1", "."], cwd=tmp_path, env=variables, check=True)


def test_the_page_of_vaults(shop: Person, tmp_path: Path) -> None:
    fragment = block("docs/vault.md", "Decrypting, encrypting, writing", "go")
    before = VAULT + 'content := []byte("theirs")\n{\n'
    assert run(shop, tmp_path, go_program(before + checked(fragment), "}\nreturn nil")) == []
    assert shop.age("layer3/secret.tls.pem") == "theirs"

    # Where the plaintext was edited and Write changes the file, each run goes on, and the page shows the conflict.
    shop.run("decrypt")
    (shop.project / "vault/dev/layer3/tls.pem").write_text("mine")
    (line,) = run(shop, tmp_path, go_program(before.replace("theirs", "changed") + fragment, "}\nreturn nil"))
    assert line.startswith("layer3/tls.pem conflict ")


def test_layer_secrets(shop: Person, tmp_path: Path) -> None:
    shop.shell(block("docs/layer-secrets.md", "Layer secrets", "sh"))
    fragment = checked(block("docs/layer-secrets.md", "Layer secrets", "go"))
    (shop.home / "serve").write_text('#!/bin/sh\necho "$API_KEY $DB_PASSWORD"\n')
    (shop.home / "serve").chmod(0o755)
    shown = "output, err := command.Output()\nfmt.Print(string(output))\nreturn err"
    built = build_go(go_program(GO_CONTAINER + fragment, shown), tmp_path)
    more = {"LD_LIBRARY_PATH": str(BUILD / "lib"), "PATH": f"{shop.home}:{shop.environment['PATH']}"}
    assert shop.call(str(built), more=more).text == "made-up made-up-too\n"


CLIENT_GO = """
type clients struct{}

func (clients) CoreV1() clients { return clients{} }
func (clients) Secrets(namespace string) clients { return clients{} }
func (clients) Get(ctx context.Context, name string, options GetOptions) (string, error) {
	return name, ctx.Err()
}

type GetOptions struct{}
"""


def test_migrating(shop: Person, tmp_path: Path) -> None:
    """The line before is that of client-go, which is not here: its names stand for it."""
    fragment = checked(block("docs/migrating.md", "From the Kubernetes API", "go"))
    assert "metav1.GetOptions{}" in fragment
    before = GO_CONTAINER + 'var clientset clients\nnamespace := "layer-3-dev"\n'
    shown = 'fmt.Println(secret)\nfmt.Println(credentials.Get("access_key_id"))\nreturn nil'
    program = go_program(before + fragment.replace("metav1.", ""), shown, CLIENT_GO)
    assert run(shop, tmp_path, program) == ["layer3-s3-credentials", "AKIAEXAMPLE <nil>"]
