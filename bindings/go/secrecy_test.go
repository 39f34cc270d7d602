package kstack_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"kstack.dev/go/kstack"
)

// watch collects formatted values and log lines, and checks that no secret is in them.
type watch struct {
	mutex sync.Mutex
	shown []string
}

func (w *watch) log(level kstack.LogLevel, message string) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.shown = append(w.shown, fmt.Sprintf("%v %s", level, message))
}

func (w *watch) show(things ...any) {
	for _, thing := range things {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T", "%t"} {
			w.shown = append(w.shown, fmt.Sprintf(verb, thing))
		}
		var logged strings.Builder
		log.New(&logged, "", 0).Println(thing)
		w.shown = append(w.shown, logged.String())
		if encoded, err := json.Marshal(thing); err == nil {
			w.shown = append(w.shown, string(encoded))
		}
		// All errors that it wraps.
		if err, ok := thing.(error); ok {
			if inner := errors.Unwrap(err); inner != nil {
				w.show(inner)
			}
		}
	}
}

// fails shows the error that a call must return.
func (w *watch) fails(t *testing.T, result any, err error) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, but %v", result)
	}
	w.show(result, err)
}

func (w *watch) check(t *testing.T, p *project, more ...string) {
	t.Helper()
	if len(w.shown) == 0 {
		t.Error("nothing was shown")
	}
	for _, canary := range append(append(more, "CANARY", p.identity), canaries...) {
		for _, text := range w.shown {
			if strings.Contains(text, canary) || strings.Contains(strings.ToLower(text), fmt.Sprintf("%x", canary)) {
				t.Errorf("%q is in %s", canary, text)
			}
		}
	}
}

func TestAWatchFindsACanary(t *testing.T) {
	var w watch
	w.show(fmt.Errorf("fine: %w", errors.New("canary")))
	if !strings.Contains(w.shown[0], "canary") {
		t.Error(w.shown)
	}
}

func TestSecrecyOfTheVault(t *testing.T) {
	p := newProject(t)
	w := new(watch)
	options := kstack.Options{ProjectRoot: p.root, IdentityFile: p.identityFile, Passphrase: "passphrase canary", Log: w.log}
	container := must[*kstack.Container](t)(kstack.New(options))
	defer container.Close()
	for _, text := range []string{
		credentialsFile, "s3: {a: canary, a: canary}\n", "s3:\n  <<: {a: canary}\n", "- canary\n", "s3: {a: canary\n",
		"s3: !canary canary\n", "canary\n", "s3: canary\n", "s3: &canary {a: *canary}\n",
	} {
		p.encrypt(t, "cloud-credentials.yaml", []byte(text))
		credentials, err := container.GetCredentials(ctx, query("s3", "layer3", "dev"))
		w.show(options, &options, container, credentials, err)
		if text == credentialsFile {
			_, missing := credentials.Get("nope")
			w.fails(t, nil, missing)
			credentials.Close()
			_, closed := credentials.Get("octal")
			w.fails(t, credentials, closed)
		} else {
			w.fails(t, credentials, err)
		}
		p.encrypt(t, "more.yaml", []byte(text))
		secrets, err := container.LoadSecrets(ctx, "layer3", "dev")
		w.show(secrets, err)
	}
	path := p.encrypt(t, "cloud-credentials.yaml", []byte(credentialsFile))
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for place := 0; place < len(data); place += 41 {
		damaged := append([]byte(nil), data...)
		damaged[place] ^= 1
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		credentials, err := container.GetCredentials(ctx, query("s3", "layer3", "dev"))
		w.fails(t, credentials, err)
	}
	vault := must[*kstack.Vault](t)(container.OpenVault(ctx, "dev"))
	defer vault.Close()
	p.write(t, "vault/dev/layer3/cloud-credentials.yaml", credentialsFile+"# edited\n")
	results, err := vault.Decrypt(ctx, kstack.DecryptOptions{})
	w.fails(t, results, err)
	results, err = vault.Encrypt(ctx, kstack.EncryptOptions{})
	w.fails(t, results, err)
	w.fails(t, vault, vault.Write(ctx, "layer3", "new.yaml", []byte("canary"), ""))
	identity := must[kstack.Identity](t)(kstack.GenerateIdentity())
	w.show(identity, &identity)
	w.check(t, p, identity.Secret())
}

func TestSecrecyOfIdentities(t *testing.T) {
	p := newProject(t)
	w := new(watch)
	for _, bad := range []string{"AGE-SECRET-KEY-1CANARY", "canary", "age1canary", "AGE-PLUGIN-YUBIKEY-1CANARY"} {
		keys := p.write(t, "keys.txt", bad+"\n# canary\n")
		for _, options := range []kstack.Options{
			{ProjectRoot: p.root, IdentityFile: keys, Log: w.log},
			{ProjectRoot: p.root, Log: w.log},
		} {
			t.Setenv("KSTACK_AGE_KEY", bad)
			container := must[*kstack.Container](t)(kstack.New(options))
			credentials, err := container.GetCredentials(ctx, query("s3", "layer3", "dev"))
			w.fails(t, credentials, err)
			container.Close()
		}
	}
	for _, bad := range []string{"canary\x00canary", "canary\xff"} {
		container, err := kstack.New(kstack.Options{ProjectRoot: p.root, Passphrase: bad})
		w.fails(t, container, err)
	}
	locked := filepath.Join(p.root, "locked.age")
	p.write(t, "locked.age", "age-encryption.org/v1\n-> scrypt canary 18\ncanary\n--- canary\n")
	container := must[*kstack.Container](t)(kstack.New(kstack.Options{
		ProjectRoot: p.root, IdentityFile: locked, Passphrase: "wrong canary", Log: w.log,
	}))
	defer container.Close()
	credentials, err := container.GetCredentials(ctx, query("s3", "layer3", "dev"))
	w.fails(t, credentials, err)
	w.check(t, p)
}

func TestSecrecyOfServices(t *testing.T) {
	p := newProject(t)
	w := new(watch)
	p.write(t, "config/environments/dev.yaml",
		"environment: dev\nallow_provider_override: true\ndeployment_targets: {layer3: {provider: localstack}}\n")
	for _, name := range []string{"localstack", "absent", "listed"} {
		p.write(t, "config/providers/"+name+".yaml",
			"name: "+name+"\nprovider_family: aws\nprovider_implementation: localstack\nservices: {s3: {region: a}}\n")
	}
	p.encrypt(t, "cloud-credentials.yaml", []byte("s3: {password: canary}\nproviders:\n"+
		"  localstack: {access_key_id: AKIACANARY, secret_access_key: canary, session_token: session-canary}\n"+
		"  listed: [canary]\n"))
	container := must[*kstack.Container](t)(kstack.New(kstack.Options{
		ProjectRoot: p.root, IdentityFile: p.identityFile, Log: w.log,
	}))
	defer container.Close()
	resolved := must[*kstack.Credentials](t)(container.ResolveService(ctx, kstack.Query{Service: "s3", Layer: "layer3"}))
	defer resolved.Close()
	w.show(resolved)
	for _, provider := range []string{"absent", "listed", "nope"} {
		credentials, err := container.ResolveService(ctx, kstack.Query{Service: "s3", Layer: "layer3", Provider: provider})
		w.fails(t, credentials, err)
	}
	text, err := container.AWSCredentialProcess(ctx, query("s3", "layer3", ""))
	w.fails(t, text, err)
	w.check(t, p)
}

func TestSecrecyOfAProvider(t *testing.T) {
	p := newProject(t)
	w := new(watch)
	container := must[*kstack.Container](t)(kstack.New(kstack.Options{ProjectRoot: p.root, Log: w.log}))
	defer container.Close()
	set(t, container, gives(map[string]string{"key": "canary", "octets": "\xffcanary"}))
	credentials := must[*kstack.Credentials](t)(container.GetCredentials(ctx, query("s3", "layer3", "")))
	defer credentials.Close()
	_, err := credentials.JSON()
	w.fails(t, credentials, err)
	for _, provider := range []own{
		fails(errors.New("canary")),
		fails(&os.PathError{Op: "canary", Path: "canary", Err: errors.New("canary")}),
		fails(fmt.Errorf("canary: %w", os.ErrNotExist)),
		fails(&panics{}),
		func(string, string, string) (map[string]string, error) { panic("canary") },
		func(string, string, string) (map[string]string, error) { panic(fmt.Errorf("canary")) },
		gives(map[string]string{"": "canary"}),
		gives(map[string]string{"a\x00": "canary"}),
		gives(map[string]string{"large": strings.Repeat("canary", 4<<20)}),
	} {
		set(t, container, provider)
		credentials, err := container.GetCredentials(ctx, query("s3", "layer3", ""))
		w.fails(t, credentials, err)
		text, err := container.AWSCredentialProcess(ctx, query("s3", "layer3", ""))
		w.fails(t, text, err)
	}
	w.check(t, p)
}
