package kstack_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"kstack.dev/go/kstack"
)

// person has a clone of a git repository and an identity.
type person struct {
	project
}

func (p *person) git(t *testing.T, arguments ...string) string {
	t.Helper()
	given := []string{"-C", p.root, "-c", "user.name=somebody", "-c", "user.email=somebody@example.org"}
	return string(command(t, nil, "git", append(given, arguments...)...))
}

func (p *person) publish(t *testing.T) {
	t.Helper()
	p.git(t, "add", "-A")
	p.git(t, "commit", "-q", "-m", "edit")
	p.git(t, "push", "-q", "origin", "HEAD")
}

// colleagues returns Ana and Ben, each with a clone that has the encrypted file and its plaintext, decrypted.
func colleagues(t *testing.T) (*person, *person) {
	t.Helper()
	ana := &person{*newProject(t)}
	ben := &person{*newProject(t)}
	shared := filepath.Join(t.TempDir(), "shared.git")
	command(t, nil, "git", "init", "-q", "--bare", "-b", "main", shared)
	ana.recipients(t, "dev", ana.recipient, ben.recipient)
	ana.write(t, ".gitattributes", "secret.* binary\n")
	ana.write(t, ".gitignore", string(read(t, filepath.Join("..", "..", ".gitignore"))))
	must[[]kstack.FileResult](t)(ana.vault(t).Decrypt(ctx, kstack.DecryptOptions{}))
	if err := os.Remove(ana.path("secret.cloud-credentials.yaml")); err != nil {
		t.Fatal(err)
	}
	must[[]kstack.FileResult](t)(ana.vault(t).Encrypt(ctx, kstack.EncryptOptions{}))
	ana.git(t, "init", "-q", "-b", "main")
	ana.git(t, "remote", "add", "origin", shared)
	ana.publish(t)
	ana.git(t, "branch", "-q", "-u", "origin/main")
	ben.root = filepath.Join(t.TempDir(), "ben")
	command(t, nil, "git", "clone", "-q", shared, ben.root)
	for _, one := range []*person{ana, ben} {
		must[[]kstack.FileResult](t)(one.vault(t).Decrypt(ctx, kstack.DecryptOptions{}))
	}
	return ana, ben
}

func TestTwoColleagues(t *testing.T) {
	written := kstack.FileResult{Path: credentialsPath, Outcome: kstack.FileWritten}
	removed := kstack.FileResult{Path: credentialsPath, Outcome: kstack.FileUnchanged, Message: "plaintext removed"}
	conflict := kstack.FileResult{Path: credentialsPath, Outcome: kstack.FileConflict}
	edit := func(t *testing.T, p *person, content string) {
		p.write(t, "vault/dev/"+credentialsPath, content)
	}
	bensEdit := func(t *testing.T, ana, ben *person) {
		edit(t, ben, "of: ben\n")
		wantResults(t, must[[]kstack.FileResult](t)(ben.vault(t).Encrypt(ctx, kstack.EncryptOptions{})), written)
		ben.publish(t)
		ana.git(t, "pull", "-q", "--ff-only")
	}
	t.Run("decrypt brings what is newer", func(t *testing.T) {
		ana, ben := colleagues(t)
		bensEdit(t, ana, ben)
		wantResults(t, must[[]kstack.FileResult](t)(ana.vault(t).Decrypt(ctx, kstack.DecryptOptions{})), written)
		if got := read(t, ana.path("cloud-credentials.yaml")); string(got) != "of: ben\n" {
			t.Errorf("%q", got)
		}
	})
	t.Run("encrypt takes nothing back", func(t *testing.T) {
		ana, ben := colleagues(t)
		bensEdit(t, ana, ben)
		wantResults(t, must[[]kstack.FileResult](t)(ana.vault(t).Encrypt(ctx, kstack.EncryptOptions{})), removed)
		if status := ana.git(t, "status", "--porcelain"); status != "" {
			t.Error(status)
		}
	})
	t.Run("both edited", func(t *testing.T) {
		ana, ben := colleagues(t)
		edit(t, ana, "of: ana\n")
		bensEdit(t, ana, ben)
		vault := ana.vault(t)
		results, err := vault.Encrypt(ctx, kstack.EncryptOptions{})
		want(t, err, kstack.ErrConflict, "and its encrypted form both changed")
		wantResults(t, results, conflict)
		results, err = vault.Decrypt(ctx, kstack.DecryptOptions{})
		want(t, err, kstack.ErrConflict)
		wantResults(t, results, conflict)
		if got := read(t, ana.path("cloud-credentials.yaml")); string(got) != "of: ana\n" {
			t.Errorf("%q", got)
		}
		if got := must[[]byte](t)(vault.Read(ctx, "layer3", "cloud-credentials.yaml")); string(got) != "of: ben\n" {
			t.Errorf("%q", got)
		}
		if err := os.Rename(ana.path("cloud-credentials.yaml"), filepath.Join(ana.root, "mine.yaml")); err != nil {
			t.Fatal(err)
		}
		wantResults(t, must[[]kstack.FileResult](t)(vault.Decrypt(ctx, kstack.DecryptOptions{})), written)
		edit(t, ana, "of: both\n")
		wantResults(t, must[[]kstack.FileResult](t)(vault.Encrypt(ctx, kstack.EncryptOptions{})), written)
		if got := must[[]byte](t)(vault.Read(ctx, "layer3", "cloud-credentials.yaml")); string(got) != "of: both\n" {
			t.Errorf("%q", got)
		}
	})
	t.Run("only what is encrypted is committed", func(t *testing.T) {
		ana, _ := colleagues(t)
		ana.git(t, "add", "-A")
		tracked := strings.Fields(ana.git(t, "ls-files", "vault"))
		files := []string{"vault/.recipients/dev.txt", "vault/dev/layer3/secret.cloud-credentials.yaml"}
		if !reflect.DeepEqual(tracked, files) {
			t.Error(tracked)
		}
	})
}

func TestRekey(t *testing.T) {
	ana, ben := colleagues(t)
	ana.write(t, "vault/.recipients/dev.txt", ana.recipient+"\n")
	stale := must[[]kstack.FileResult](t)(ana.vault(t).Rekey(ctx, kstack.RekeyOptions{Check: true}))
	if len(stale) != 1 || stale[0].Outcome != kstack.FileStale || !strings.Contains(stale[0].Message, "run rekey") {
		t.Errorf("%+v", stale)
	}
	status := must[[]kstack.FileResult](t)(ana.vault(t).Status(ctx, kstack.StatusOptions{}))
	if len(status) != 1 || status[0].Outcome != kstack.FileDecrypted || !status[0].Readable || status[0].Current {
		t.Errorf("%+v", status)
	}
	written := must[[]kstack.FileResult](t)(ana.vault(t).Rekey(ctx, kstack.RekeyOptions{Files: []string{credentialsPath}}))
	if len(written) != 1 || written[0].Outcome != kstack.FileWritten || !written[0].Current {
		t.Errorf("%+v", written)
	}
	ana.publish(t)
	ben.git(t, "pull", "-q", "--ff-only")
	status = must[[]kstack.FileResult](t)(ben.vault(t).Status(ctx, kstack.StatusOptions{Files: []string{credentialsPath}}))
	if len(status) != 1 || status[0].Readable || !status[0].Current {
		t.Errorf("%+v", status)
	}
	if _, err := ben.vault(t).Rekey(ctx, kstack.RekeyOptions{}); err != nil {
		t.Error(err)
	}
	for result, name := range map[kstack.FileOutcome]string{kstack.FileInClear: "in clear", kstack.FileEdited: "edited", 99: "failed"} {
		if result.String() != name {
			t.Errorf("%d is %q", result, result)
		}
	}
}
