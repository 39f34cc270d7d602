package kstack_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"kstack.dev/go/kstack"
)

func TestGetCredentials(t *testing.T) {
	p := newProject(t)
	for _, options := range [][]string{nil, {"-a"}} {
		path := p.encrypt(t, "cloud-credentials.yaml", []byte(credentialsFile), options...)
		credentials := must[*kstack.Credentials](t)(p.container(t).GetCredentials(ctx, query("s3", "layer3", "dev")))
		defer credentials.Close()
		names := []string{
			"access-key", "secret-key", "octal", "float", "bool", "signed", "nothing", "unicode", "nul", "nested",
		}
		if !reflect.DeepEqual(credentials.Names(), names) {
			t.Errorf("names: %v", credentials.Names())
		}
		if credentials.Source() != path {
			t.Errorf("source: %s", credentials.Source())
		}
		values := must[map[string]string](t)(credentials.Map())
		for name, value := range map[string]string{
			"access-key": "AKIAEXAMPLE", "octal": "0123", "float": "1e5", "bool": "yes", "signed": "+1", "nothing": "",
			"unicode": "päßwörd ☃", "nul": "a\x00b",
		} {
			if got := must[string](t)(credentials.Get(name)); got != value || values[name] != value {
				t.Errorf("%s: %q", name, got)
			}
			if got, ok := credentials.Lookup(name); !ok || got != value {
				t.Errorf("%s: %q", name, got)
			}
			if got := must[[]byte](t)(credentials.Bytes(name)); string(got) != value {
				t.Errorf("%s: %q", name, got)
			}
		}
		var tree map[string]any
		if err := json.Unmarshal(must[json.RawMessage](t)(credentials.JSON()), &tree); err != nil {
			t.Error(err)
		}
		if !reflect.DeepEqual(tree["nested"], map[string]any{"port": "5432", "tls": "true"}) {
			t.Errorf("nested: %v", tree["nested"])
		}
		_, err := credentials.Get("nope")
		want(t, err, kstack.ErrServiceNotFound, "nope", "octal")
		if got, ok := credentials.Lookup("nope"); ok || got != "" {
			t.Errorf("%q", got)
		}
	}
}

func TestPlaintextIsPreferred(t *testing.T) {
	p := newProject(t)
	path := p.write(t, "vault/dev/layer3/cloud-credentials.yaml", "s3: {a: plain}\n")
	credentials := must[*kstack.Credentials](t)(p.container(t).GetCredentials(ctx, query("s3", "layer3", "")))
	defer credentials.Close()
	if got := must[string](t)(credentials.Get("a")); got != "plain" || credentials.Source() != path {
		t.Errorf("%q from %s", got, credentials.Source())
	}
}

func TestDetected(t *testing.T) {
	p := newProject(t)
	container := p.container(t)
	if got := must[string](t)(container.Environment(ctx)); got != "dev" {
		t.Error(got)
	}
	if got := must[string](t)(container.VaultRoot(ctx)); got != filepath.Join(p.root, "vault") {
		t.Error(got)
	}
	_, err := container.ConfigRoot(ctx)
	want(t, err, kstack.ErrConfiguration)
	p.write(t, "config/environments/dev.yaml", "environment: dev\n")
	if got := must[string](t)(container.ConfigRoot(ctx)); got != filepath.Join(p.root, "config") {
		t.Error(got)
	}
	if got := must[[]string](t)(container.ListEnvironments(ctx)); !reflect.DeepEqual(got, []string{"dev"}) {
		t.Error(got)
	}
	if got := must[[]string](t)(container.ListServices(ctx, "layer3", "")); !reflect.DeepEqual(got, []string{"s3", "database"}) {
		t.Error(got)
	}
}

func TestFailures(t *testing.T) {
	p := newProject(t)
	container := p.container(t)
	_, err := container.GetCredentials(ctx, query("redis", "layer3", "dev"))
	want(t, err, kstack.ErrServiceNotFound, "redis", "s3", "database")
	var failure *kstack.Error
	if !errors.As(err, &failure) || failure.Code != kstack.ErrServiceNotFound || failure.Retryable {
		t.Errorf("%#v", failure)
	}
	_, err = container.GetCredentials(ctx, query("s3", "layer3", "staging"))
	want(t, err, kstack.ErrConfiguration, "staging", "dev")
	_, err = container.GetCredentials(ctx, query("S3", "layer3", "dev"))
	want(t, err, kstack.ErrInvalidArgument)
	_, err = container.GetCredentials(ctx, query("s3", "layer3", "\xff"))
	want(t, err, kstack.ErrInvalidArgument)
	_, err = container.GetCredentials(ctx, kstack.Query{Service: "s3"})
	want(t, err, kstack.ErrInvalidArgument)
	_, err = container.GetCredentials(ctx, kstack.Query{Service: "s3", Layer: "layer3", Provider: "aws"})
	want(t, err, kstack.ErrInvalidArgument, "ResolveService")
	_, err = container.OpenVault(ctx, "prod")
	want(t, err, kstack.ErrConfiguration, "prod")
	_, err = kstack.New(kstack.Options{ProjectRoot: filepath.Join(p.root, "missing")})
	want(t, err, kstack.ErrIO, "missing")
	if !errors.As(err, &failure) || failure.Path != filepath.Join(p.root, "missing") || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%#v is not the error of the missing folder", err)
	}
	var code kstack.Code
	if !errors.As(err, &code) || code != kstack.ErrIO {
		t.Errorf("the code of %v is %v", err, code)
	}
	_, err = kstack.New(kstack.Options{Timeout: -1})
	want(t, err, kstack.ErrInvalidArgument)
	_, err = kstack.New(kstack.Options{Timeout: 50 * 24 * time.Hour})
	want(t, err, kstack.ErrInvalidArgument)
	other := must[*kstack.Container](t)(kstack.New(kstack.Options{ProjectRoot: p.root}))
	defer other.Close()
	_, err = other.GetCredentials(ctx, query("s3", "layer3", "dev"))
	want(t, err, kstack.ErrVault, "KSTACK_AGE_KEY", "SOPS_AGE_KEY_FILE")
}

func TestNUL(t *testing.T) {
	p := newProject(t)
	container := p.container(t)
	vault := p.vault(t)
	const bad = "dev\x00canary"
	for _, one := range []struct {
		argument string
		call     func() error
	}{
		{"ProjectRoot", func() error { _, err := kstack.New(kstack.Options{ProjectRoot: bad}); return err }},
		{"IdentityFile", func() error { _, err := kstack.New(kstack.Options{IdentityFile: bad}); return err }},
		{"Passphrase", func() error { _, err := kstack.New(kstack.Options{Passphrase: bad}); return err }},
		{"service", func() error { _, err := container.GetCredentials(ctx, query(bad, "layer3", "dev")); return err }},
		{"layer", func() error { _, err := container.GetCredentials(ctx, query("s3", bad, "dev")); return err }},
		{"environment", func() error { _, err := container.GetCredentials(ctx, query("s3", "layer3", bad)); return err }},
		{"environment", func() error { _, err := container.OpenVault(ctx, bad); return err }},
		{"layer", func() error { _, err := container.ListServices(ctx, bad, ""); return err }},
		{"environment", func() error { _, err := container.ListServices(ctx, "layer3", bad); return err }},
		{"layer", func() error { _, err := vault.Read(ctx, bad, "a"); return err }},
		{"filename", func() error { _, err := vault.Read(ctx, "layer3", bad); return err }},
		{"filename", func() error { _, err := vault.GetFile(ctx, "layer3", bad); return err }},
		{"layer", func() error { _, err := vault.List(ctx, bad, kstack.EncryptedFiles); return err }},
		{"a path of files", func() error {
			_, err := vault.Decrypt(ctx, kstack.DecryptOptions{Files: []string{"layer3/a", bad}})
			return err
		}},
		{"team", func() error { return vault.Write(ctx, "layer3", "a", nil, bad) }},
		{"team", func() error { _, err := vault.Encrypt(ctx, kstack.EncryptOptions{Team: bad}); return err }},
	} {
		err := one.call()
		want(t, err, kstack.ErrInvalidArgument, one.argument+" contains a NUL character")
		if strings.Contains(err.Error(), "canary") {
			t.Error(err)
		}
	}
}
