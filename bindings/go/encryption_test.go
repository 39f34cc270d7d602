package kstack_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kstack.dev/go/kstack"
)

const credentialsPath = "layer3/cloud-credentials.yaml"

// recipients writes the recipients file of a team; without keys it holds the project's.
func (p *project) recipients(t *testing.T, team string, keys ...string) {
	t.Helper()
	if len(keys) == 0 {
		keys = []string{p.recipient}
	}
	p.write(t, filepath.Join("vault", ".recipients", team+".txt"), strings.Join(keys, "\n")+"\n")
}

func (p *project) path(name string) string {
	return filepath.Join(p.root, "vault", "dev", "layer3", name)
}

// read returns the content of a file, or nil where there is none.
func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func wantResults(t *testing.T, got []kstack.FileResult, want ...kstack.FileResult) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i, result := range got {
		if result.Path != want[i].Path || result.Outcome != want[i].Outcome {
			t.Errorf("got %v, want %v", result, want[i])
		}
		failed := result.Outcome == kstack.FileConflict || result.Outcome == kstack.FileFailed
		if failed && result.Message == "" || !failed && result.Message != want[i].Message {
			t.Errorf("%v has the message %q", result.Outcome, result.Message)
		}
	}
}

func TestEncryptedFilesAreReadByAge(t *testing.T) {
	p := newProject(t)
	colleague := filepath.Join(t.TempDir(), "keys.txt")
	command(t, nil, "age-keygen", "-o", colleague)
	other := strings.TrimSpace(string(command(t, nil, "age-keygen", "-y", colleague)))
	p.recipients(t, "dev", "# both of us", p.recipient, other)
	vault := p.vault(t)
	for _, size := range chunkSizes {
		data := bytes.Repeat([]byte("\x00x"), size)[:size]
		p.write(t, "vault/dev/layer3/encrypted.bin", string(data))
		options := kstack.EncryptOptions{Files: []string{"layer3/encrypted.bin"}}
		results := must[[]kstack.FileResult](t)(vault.Encrypt(ctx, options))
		wantResults(t, results, kstack.FileResult{Path: "layer3/encrypted.bin", Outcome: kstack.FileWritten})
		if read(t, p.path("encrypted.bin")) != nil {
			t.Error("the plaintext is left")
		}
		if err := vault.Write(ctx, "layer3", "written.bin", data, ""); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"encrypted.bin", "written.bin"} {
			for _, keys := range []string{p.identityFile, colleague} {
				if got := command(t, nil, "age", "-d", "-i", keys, p.path("secret."+name)); !bytes.Equal(got, data) {
					t.Errorf("%s: %d bytes gave %d", name, size, len(got))
				}
			}
			if got := must[[]byte](t)(vault.Read(ctx, "layer3", name)); !bytes.Equal(got, data) {
				t.Errorf("%s: %d bytes gave %d", name, size, len(got))
			}
		}
		// Otherwise the next size would be a conflict.
		if err := os.Remove(p.path("secret.encrypted.bin")); err != nil {
			t.Error(err)
		}
	}
}

func TestEncryptConflict(t *testing.T) {
	p := newProject(t)
	p.recipients(t, "dev")
	vault := p.vault(t)
	p.write(t, "vault/dev/"+credentialsPath, "edited: true\n")
	p.write(t, "vault/dev/layer3/new.txt", "new")
	before := read(t, p.path("secret.cloud-credentials.yaml"))
	results, err := vault.Encrypt(ctx, kstack.EncryptOptions{})
	want(t, err, kstack.ErrConflict, "cloud-credentials.yaml")
	wantResults(t, results, kstack.FileResult{Path: credentialsPath, Outcome: kstack.FileConflict},
		kstack.FileResult{Path: "layer3/new.txt", Outcome: kstack.FileWritten})
	if string(read(t, p.path("cloud-credentials.yaml"))) != "edited: true\n" ||
		!bytes.Equal(read(t, p.path("secret.cloud-credentials.yaml")), before) {
		t.Error("something was written or removed")
	}
	results = must[[]kstack.FileResult](t)(vault.Encrypt(ctx, kstack.EncryptOptions{Overwrite: true}))
	wantResults(t, results, kstack.FileResult{Path: credentialsPath, Outcome: kstack.FileWritten})
	if got := must[[]byte](t)(vault.Read(ctx, "layer3", "cloud-credentials.yaml")); string(got) != "edited: true\n" {
		t.Errorf("%q", got)
	}
	if got := must[[]kstack.FileResult](t)(vault.Encrypt(ctx, kstack.EncryptOptions{})); got == nil || len(got) != 0 {
		t.Error(got)
	}
}

func TestEncryptSomeFiles(t *testing.T) {
	p := newProject(t)
	p.recipients(t, "dev")
	vault := p.vault(t)
	p.write(t, "vault/dev/layer3/a.txt", "a")
	p.write(t, "vault/dev/layer3/b.txt", "b")
	if got := must[[]kstack.FileResult](t)(vault.Encrypt(ctx, kstack.EncryptOptions{Files: []string{}})); len(got) != 0 {
		t.Error(got)
	}
	results, err := vault.Encrypt(ctx, kstack.EncryptOptions{Files: []string{"layer3/nope.txt", "layer3/b.txt"}})
	want(t, err, kstack.ErrServiceNotFound, "nope.txt")
	wantResults(t, results, kstack.FileResult{Path: "layer3/nope.txt", Outcome: kstack.FileFailed},
		kstack.FileResult{Path: "layer3/b.txt", Outcome: kstack.FileWritten})
	if read(t, p.path("a.txt")) == nil {
		t.Error("another file was encrypted")
	}
}

func TestTeams(t *testing.T) {
	p := newProject(t)
	vault := p.vault(t)
	err := vault.Write(ctx, "layer3", "a.txt", []byte("x"), "")
	want(t, err, kstack.ErrConfiguration, "'dev'", filepath.Join(p.root, "vault", "dev", ".recipients", "dev.txt"),
		filepath.Join(p.root, "vault", ".recipients", "dev.txt"))
	p.write(t, "vault/dev/layer3/new.txt", "new")
	results, err := vault.Encrypt(ctx, kstack.EncryptOptions{Team: "nobody"})
	want(t, err, kstack.ErrConfiguration, "nobody")
	if len(results) != 0 || read(t, p.path("new.txt")) == nil {
		t.Error(results)
	}

	p.recipients(t, "dev")
	p.recipients(t, "ops")
	if err := vault.Write(ctx, "layer3", "a.txt", []byte("of ops"), "ops"); err != nil {
		t.Fatal(err)
	}
	want(t, vault.Write(ctx, "layer3", "a.txt", []byte("of dev"), "dev"), kstack.ErrConfiguration, "ops")
	must[[]kstack.FileResult](t)(vault.Decrypt(ctx, kstack.DecryptOptions{Files: []string{"layer3/a.txt"}}))
	p.write(t, "vault/dev/layer3/a.txt", "edited")
	results, err = vault.Encrypt(ctx, kstack.EncryptOptions{})
	want(t, err, kstack.ErrConfiguration, "ops")
	wantResults(t, results, kstack.FileResult{Path: "layer3/a.txt", Outcome: kstack.FileFailed},
		kstack.FileResult{Path: "layer3/new.txt", Outcome: kstack.FileWritten})
	must[[]kstack.FileResult](t)(vault.Encrypt(ctx, kstack.EncryptOptions{Team: "ops"}))
	if got := must[[]byte](t)(vault.Read(ctx, "layer3", "a.txt")); string(got) != "edited" {
		t.Errorf("%q", got)
	}
	// A team of its own project.
	p.write(t, ".kstack.yaml", "environment: dev\nteam: ops\n")
	if err := vault.Write(ctx, "layer3", "a.txt", []byte("again"), ""); err != nil {
		t.Error(err)
	}
}

func TestResultThatICouldNotRead(t *testing.T) {
	p := newProject(t)
	p.recipients(t, "dev", must[kstack.Identity](t)(kstack.GenerateIdentity()).Recipient())
	vault := p.vault(t)
	p.write(t, "vault/dev/layer3/new.txt", "new")
	results, err := vault.Encrypt(ctx, kstack.EncryptOptions{})
	want(t, err, kstack.ErrVault, "you could not read")
	wantResults(t, results, kstack.FileResult{Path: "layer3/new.txt", Outcome: kstack.FileFailed})
	want(t, vault.Write(ctx, "layer3", "new.txt", []byte("x"), ""), kstack.ErrVault, "you could not read")
	if string(read(t, p.path("new.txt"))) != "new" || read(t, p.path("secret.new.txt")) != nil {
		t.Error("something was written or removed")
	}
}

func TestArgumentsOfEncryptAndWrite(t *testing.T) {
	p := newProject(t)
	p.recipients(t, "dev")
	vault := p.vault(t)
	closed := must[*kstack.Vault](t)(p.container(t).OpenVault(ctx, "dev"))
	closed.Close()
	const bad = "dev\x00canary"
	encrypt := func(options kstack.EncryptOptions) error { _, err := vault.Encrypt(ctx, options); return err }
	for i, err := range []error{
		encrypt(kstack.EncryptOptions{Team: bad}),
		encrypt(kstack.EncryptOptions{Team: "Dev"}),
		encrypt(kstack.EncryptOptions{Team: "../dev"}),
		encrypt(kstack.EncryptOptions{Files: []string{bad}}),
		encrypt(kstack.EncryptOptions{Files: []string{"../a"}}),
		encrypt(kstack.EncryptOptions{Files: []string{}, Team: bad}),
		vault.Write(ctx, bad, "a.txt", nil, ""),
		vault.Write(ctx, "layer4", "a.txt", nil, ""),
		vault.Write(ctx, "layer3", bad, nil, ""),
		vault.Write(ctx, "layer3", "../a", nil, ""),
		vault.Write(ctx, "layer3", "secret.a", nil, ""),
		vault.Write(ctx, "layer3", "a.txt", nil, bad),
		vault.Write(ctx, "layer3", "a.txt", nil, "\xff"),
		closed.Write(ctx, "layer3", "a.txt", nil, ""),
		new(kstack.Vault).Write(ctx, "layer3", "a.txt", nil, ""),
	} {
		if !errors.Is(err, kstack.ErrInvalidArgument) || strings.Contains(fmt.Sprint(err), "canary") {
			t.Errorf("call %d gave %v", i, err)
		}
	}
	if _, err := closed.Encrypt(ctx, kstack.EncryptOptions{Files: []string{}}); !errors.Is(err, kstack.ErrClosed) {
		t.Error(err)
	}
	if got := must[[]string](t)(vault.List(ctx, "", kstack.EncryptedFiles)); len(got) != 1 {
		t.Error(got)
	}
}

func TestTheCallerMayWipeWhatWasWritten(t *testing.T) {
	p := newProject(t)
	p.recipients(t, "dev")
	vault := p.vault(t)
	data := []byte("secret")
	if err := vault.Write(ctx, "layer0", "a.txt", data, ""); err != nil {
		t.Fatal(err)
	}
	for i := range data {
		data[i] = 0
	}
	if got := must[[]byte](t)(vault.Read(ctx, "layer0", "a.txt")); string(got) != "secret" {
		t.Errorf("%q", got)
	}
}
