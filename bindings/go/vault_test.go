package kstack_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"kstack.dev/go/kstack"
)

func TestVault(t *testing.T) {
	p := newProject(t)
	p.encrypt(t, "other.bin", []byte("a\x00b"), "-a")
	vault := p.vault(t)
	if vault.Path() != filepath.Join(p.root, "vault", "dev") || vault.Environment() != "dev" {
		t.Error(vault)
	}
	if !must[bool](t)(vault.IsEncrypted(ctx)) {
		t.Error("not encrypted")
	}
	if got := must[[]byte](t)(vault.Read(ctx, "layer3", "other.bin")); string(got) != "a\x00b" {
		t.Errorf("%q", got)
	}
	_, err := vault.Read(ctx, "layer3", "nope")
	want(t, err, kstack.ErrServiceNotFound, "nope")
	_, err = vault.Read(ctx, "layer3", "../nope")
	want(t, err, kstack.ErrInvalidArgument)
	_, err = vault.GetFile(ctx, "layer3", "other.bin")
	want(t, err, kstack.ErrServiceNotFound, "encrypted")
	if got := must[[]kstack.FileResult](t)(vault.Decrypt(ctx, kstack.DecryptOptions{Files: []string{}})); len(got) != 0 {
		t.Error(got)
	}
	got := must[[]kstack.FileResult](t)(vault.Decrypt(ctx, kstack.DecryptOptions{Files: []string{"layer3/other.bin"}}))
	if !reflect.DeepEqual(got, []kstack.FileResult{{Path: "layer3/other.bin", Outcome: kstack.FileWritten}}) {
		t.Error(got)
	}
	path := must[string](t)(vault.GetFile(ctx, "layer3", "other.bin"))
	information, err := os.Stat(path)
	if err != nil || information.Mode() != 0o600 {
		t.Errorf("%v %v", information, err)
	}
	if content, err := os.ReadFile(path); err != nil || string(content) != "a\x00b" {
		t.Errorf("%q %v", content, err)
	}
	edited := p.write(t, "vault/dev/layer3/cloud-credentials.yaml", "edited: true\n")
	got, err = vault.Decrypt(ctx, kstack.DecryptOptions{})
	want(t, err, kstack.ErrConflict)
	if len(got) != 2 || got[0].Outcome != kstack.FileConflict || got[0].Message == "" || got[1].Outcome != kstack.FileUnchanged {
		t.Error(got)
	}
	must[[]kstack.FileResult](t)(vault.Decrypt(ctx, kstack.DecryptOptions{Overwrite: true}))
	if content, err := os.ReadFile(edited); err != nil || string(content) != credentialsFile {
		t.Errorf("%q %v", content, err)
	}
	if must[bool](t)(vault.IsEncrypted(ctx)) {
		t.Error("still encrypted")
	}
	for which, files := range map[kstack.FileForm][]string{
		kstack.PlaintextFiles: {"layer3/cloud-credentials.yaml", "layer3/other.bin"},
		kstack.EncryptedFiles: {"layer3/secret.cloud-credentials.yaml", "layer3/secret.other.bin"},
	} {
		for _, layer := range []kstack.Layer{"", "layer3"} {
			if got := must[[]string](t)(vault.List(ctx, layer, which)); !reflect.DeepEqual(got, files) {
				t.Error(got)
			}
		}
		if got := must[[]string](t)(vault.List(ctx, "layer0", which)); got == nil || len(got) != 0 {
			t.Error(got)
		}
	}
}

func TestSizes(t *testing.T) {
	p := newProject(t)
	vault := p.vault(t)
	for _, size := range chunkSizes {
		data := []byte(strings.Repeat("x", size))
		p.encrypt(t, "data.bin", data)
		if got := must[[]byte](t)(vault.Read(ctx, "layer3", "data.bin")); string(got) != string(data) {
			t.Errorf("%d bytes gave %d", size, len(got))
		}
	}
}
