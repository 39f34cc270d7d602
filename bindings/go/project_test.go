package kstack_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"kstack.dev/go/kstack"
)

var ctx = context.Background()

// chunkSizes are sizes around the 64 KiB of a chunk of an age file.
var chunkSizes = []int{0, 1, 1<<16 - 1, 1 << 16, 1<<16 + 1}

func query(service string, layer kstack.Layer, environment string) kstack.Query {
	return kstack.Query{Service: service, Layer: layer, Environment: environment}
}

const credentialsFile = `s3:
  access-key: AKIAEXAMPLE
  secret-key: wJalrXUtnFEMI-canary-4711
  octal: 0123
  float: 1e5
  bool: yes
  signed: +1
  nothing: null
  unicode: "päßwörd ☃"
  nul: "a\0b"
  nested: {port: 5432, tls: true}
database:
  password: other-canary-0815
`

// canaries are parts of the values above that nothing may show.
var canaries = []string{"canary", "AKIAEXAMPLE", "0815", "päßwörd", "5432"}

// project is a folder with .kstack.yaml, a vault for dev and an identity that can decrypt it.
type project struct {
	root, identityFile, identity, recipient string
}

// newProject makes a project, and hides the user's own configuration from the test.
func newProject(t *testing.T) *project {
	t.Helper()
	for _, variable := range os.Environ() {
		name := strings.SplitN(variable, "=", 2)[0]
		if strings.HasPrefix(name, "KSTACK_") || strings.HasPrefix(name, "SOPS_") {
			t.Setenv(name, "")
		}
	}
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(home, ".config"))
	p := &project{root: t.TempDir(), identityFile: filepath.Join(home, "keys.txt")}
	command(t, nil, "age-keygen", "-o", p.identityFile)
	if err := os.Chmod(p.identityFile, 0o600); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(p.identityFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(content), "\n") {
		if strings.HasPrefix(line, "AGE-SECRET-KEY-") {
			p.identity = line
		}
	}
	p.recipient = strings.TrimSpace(string(command(t, nil, "age-keygen", "-y", p.identityFile)))
	p.write(t, ".kstack.yaml", "environment: dev\n")
	p.encrypt(t, "cloud-credentials.yaml", []byte(credentialsFile))
	return p
}

func (p *project) write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(p.root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// encrypt writes secret.<name> in layer3 with the age program.
func (p *project) encrypt(t *testing.T, name string, data []byte, options ...string) string {
	t.Helper()
	path := filepath.Join(p.root, "vault", "dev", "layer3", "secret."+name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	_ = os.Remove(path)
	command(t, data, "age", append(options, "-r", p.recipient, "-o", path)...)
	return path
}

func (p *project) container(t *testing.T) *kstack.Container {
	t.Helper()
	container, err := kstack.New(kstack.Options{ProjectRoot: p.root, IdentityFile: p.identityFile})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { container.Close() })
	return container
}

func (p *project) vault(t *testing.T) *kstack.Vault {
	t.Helper()
	vault, err := p.container(t).OpenVault(ctx, "dev")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { vault.Close() })
	return vault
}

func command(t *testing.T, input []byte, name string, arguments ...string) []byte {
	t.Helper()
	run := exec.Command(name, arguments...)
	run.Stdin = bytes.NewReader(input)
	var stderr bytes.Buffer
	run.Stderr = &stderr
	output, err := run.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s", name, err, stderr.String())
	}
	return output
}

// want checks the kind of an error, and that its message contains all texts.
func want(t *testing.T, err, kind error, texts ...string) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Fatalf("got %v, want a failure like: %v", err, kind)
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("%q is missing in: %v", text, err)
		}
	}
}

func must[T any](t *testing.T) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}
