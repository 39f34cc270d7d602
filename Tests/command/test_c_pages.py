"""The C of the pages is compiled strictly and run in a project; that for a pod is run in one, by the tests of pods."""

from __future__ import annotations

from pathlib import Path

from compiled import C_CONTAINER, C_FREE, build_c, c_program
from pages import block
from people import CONFLICT, Ended, Person

VAULT = f"""{C_CONTAINER}
  kstack_vault *vault = NULL;
  if (kstack_vault_open(container, "dev", &vault, &error) != KSTACK_OK) return 1;
"""
FREE_VAULT = f"  kstack_vault_free(vault);\n{C_FREE}"


def run(person: Person, folder: Path, program: str, *arguments: str) -> Ended:
    """What a program says in the project."""
    return person.call(str(build_c(program, folder / "program")), *arguments)


def test_the_quick_start(shop: Person, tmp_path: Path) -> None:
    fragment = block("README.md", "Quick start", "c")
    assert run(shop, tmp_path, c_program(fragment)).text == "AKIAEXAMPLE\n"
    (shop.project / "vault/dev/layer3/secret.cloud-credentials.yaml").unlink()
    assert "no credentials for layer3" in run(shop, tmp_path, c_program(fragment)).err


def test_a_whole_program(shop: Person, tmp_path: Path) -> None:
    program = block("docs/c.md", "A whole program", "c")
    shown = block("docs/c.md", "A whole program", "").replace("…", str(shop.project))
    assert run(shop, tmp_path, program, "s3", "layer3").text == shown


def test_options(shop: Person, tmp_path: Path) -> None:
    """Encrypting with the options of the page overwrites what conflicts, for its team."""
    shop.run("decrypt")
    file = shop.project / "vault/dev/layer3/cloud-credentials.yaml"
    mine = "s3:\n  access_key_id: mine\n"
    file.write_text(mine)
    shop.call("cp", "vault/dev/layer3/secret.cloud-credentials.yaml", "kept")
    key = shop.key
    shop.call("age", "-r", key, "-o", "vault/dev/layer3/secret.cloud-credentials.yaml", given="s3: {a: theirs}\n")
    shop.run("encrypt", code=CONFLICT)
    after = f"""
  kstack_vault_report *report = NULL;
  if (kstack_vault_encrypt(vault, &options, &report, &error) != KSTACK_OK) return 1;
  kstack_vault_report_free(report);
{FREE_VAULT}"""
    run(shop, tmp_path, c_program(block("docs/c.md", "Options", "c"), VAULT, after))
    assert shop.age("layer3/secret.cloud-credentials.yaml") == mine
    header = (shop.project / "vault/dev/layer3/secret.cloud-credentials.yaml").read_bytes()
    assert b"\n-> kstack-recipients ops " in header


def test_a_scope(shop: Person, tmp_path: Path) -> None:
    fragment = block("docs/c.md", "Deadlines and cancelling", "c")
    used = fragment.replace("/* … */", 'use(kstack_credentials_get(credentials, "access_key_id"));')
    assert used != fragment
    assert run(shop, tmp_path, c_program(used, C_CONTAINER, C_FREE)).text == "AKIAEXAMPLE\n"


def test_a_report(shop: Person, tmp_path: Path) -> None:
    (shop.project / "vault/dev/layer3/tls.pem").write_text("made up")
    program = c_program(block("docs/vault.md", "Decrypting, encrypting, writing", "c"), VAULT, FREE_VAULT)
    assert run(shop, tmp_path, program).text == "layer3/tls.pem \n"
    (shop.project / "vault/dev/layer3/broken.yaml").write_text("a: [\n")
    assert "broken.yaml" in run(shop, tmp_path, program).err
