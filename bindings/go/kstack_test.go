package kstack_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"kstack.dev/go/kstack"
)

func TestVersion(t *testing.T) {
	if kstack.Version() != kstack.HeaderVersion {
		t.Errorf("library %q, header %q", kstack.Version(), kstack.HeaderVersion)
	}
}

func TestContext(t *testing.T) {
	if kstack.IsInCluster() || kstack.CurrentContext() != kstack.ContextLocal || kstack.ContextReason() == "" {
		t.Fatal("these tests run on a developer's machine:", kstack.ContextReason())
	}
	if err := kstack.Guard(kstack.ContextLocal); err != nil {
		t.Error(err)
	}
	want(t, kstack.Guard(kstack.ContextCluster), kstack.ErrEnvironment)
}

// TestInPod runs TestInPodChild with a real service account.
func TestInPod(t *testing.T) {
	p := newProject(t)
	run := exec.Command(filepath.Join("..", "..", "Tests", "support", "in-pod"), os.Args[0],
		"-test.run", "^TestInPodChild$", "-test.v")
	run.Env = append(os.Environ(), "KSTACK_GO_CHILD="+p.root)
	output, err := run.CombinedOutput()
	if err != nil || !strings.Contains(string(output), "--- PASS: TestInPodChild") {
		t.Fatalf("%v\n%s", err, output)
	}
}

func TestInPodChild(t *testing.T) {
	root := os.Getenv("KSTACK_GO_CHILD")
	if root == "" {
		return // It is TestInPod that runs this one.
	}
	if !kstack.IsInCluster() || kstack.CurrentContext() != kstack.ContextCluster {
		t.Fatal(kstack.ContextReason())
	}
	if err := kstack.Guard(kstack.ContextCluster); err != nil {
		t.Error(err)
	}
	want(t, kstack.Guard(kstack.ContextLocal), kstack.ErrEnvironment)
	container := must[*kstack.Container](t)(kstack.New(kstack.Options{ProjectRoot: root}))
	defer container.Close()
	_, err := container.OpenVault("dev")
	want(t, err, kstack.ErrEnvironment)
	// A pod is one of one environment.
	if environment := must[string](t)(container.Environment()); environment != "production" {
		t.Error(environment)
	}
	_, err = container.GetCredentials("s3", "layer3", "dev")
	want(t, err, kstack.ErrConfiguration, "production")
	_, err = container.ListEnvironments()
	want(t, err, kstack.ErrEnvironment)
	_, err = container.ListServices("layer3", "dev")
	want(t, err, kstack.ErrEnvironment)
	_, err = kstack.GenerateIdentity()
	want(t, err, kstack.ErrEnvironment)
	for _, get := range []func() (string, error){container.ConfigRoot, container.VaultRoot} {
		if path := must[string](t)(get()); path != "" {
			t.Errorf("got %q in a pod", path)
		}
	}
}

func TestLayers(t *testing.T) {
	for number, namespace := range []string{
		"layer-0-applications", "layer-1-tenant-infra", "layer-2-global-services", "layer-3-global-infra",
	} {
		name := fmt.Sprintf("layer%d", number)
		for _, text := range []string{name, strings.ToUpper(name), fmt.Sprint(number), namespace} {
			layer := must[kstack.Layer](t)(kstack.ParseLayer(text))
			if layer.Number() != number || layer.String() != name || layer.Namespace() != namespace {
				t.Errorf("%q gave %d, %s, %s", text, layer.Number(), layer, layer.Namespace())
			}
		}
	}
	for _, text := range []string{"", "layer4", "-1", "layer3\x00", "layer\xff"} {
		layer, err := kstack.ParseLayer(text)
		want(t, err, kstack.ErrInvalidArgument)
		if layer.Number() != -1 || layer.String() != "" || layer.Namespace() != "" || layer.DisplayName() != "" {
			t.Errorf("%q gave a layer", text)
		}
	}
}

func TestErrors(t *testing.T) {
	sentinels := []*kstack.Error{
		kstack.ErrInvalidArgument, kstack.ErrEnvironment, kstack.ErrConfiguration, kstack.ErrServiceNotFound,
		kstack.ErrLayerAccess, kstack.ErrRoute, kstack.ErrVault, kstack.ErrClusterAPI, kstack.ErrIO,
		kstack.ErrInternal, kstack.ErrConflict,
	}
	for i, sentinel := range sentinels {
		if int(sentinel.Code) != i+1 || !strings.HasPrefix(sentinel.Code.String(), "KSTACK_ERROR_") {
			t.Errorf("%v has code %d, %s", sentinel, sentinel.Code, sentinel.Code)
		}
		for j, other := range sentinels {
			if errors.Is(fmt.Errorf("wrapped: %w", sentinel), other) != (i == j) {
				t.Errorf("%v is %v?", sentinel, other)
			}
		}
	}
	if name := kstack.Code(99).String(); name != "KSTACK_ERROR_UNKNOWN" {
		t.Error(name)
	}
}

func TestGetCredentials(t *testing.T) {
	p := newProject(t)
	for _, options := range [][]string{nil, {"-a"}} {
		path := p.encrypt(t, "cloud-credentials.yaml", []byte(credentialsFile), options...)
		credentials := must[*kstack.Credentials](t)(p.container(t).GetCredentials("s3", "layer3", "dev"))
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
	}
}

func TestPlaintextIsPreferred(t *testing.T) {
	p := newProject(t)
	path := p.write(t, "vault/dev/layer3/cloud-credentials.yaml", "s3: {a: plain}\n")
	credentials := must[*kstack.Credentials](t)(p.container(t).GetCredentials("s3", "layer3", ""))
	defer credentials.Close()
	if got := must[string](t)(credentials.Get("a")); got != "plain" || credentials.Source() != path {
		t.Errorf("%q from %s", got, credentials.Source())
	}
}

func TestDetected(t *testing.T) {
	p := newProject(t)
	container := p.container(t)
	if got := must[string](t)(container.Environment()); got != "dev" {
		t.Error(got)
	}
	if got := must[string](t)(container.VaultRoot()); got != filepath.Join(p.root, "vault") {
		t.Error(got)
	}
	_, err := container.ConfigRoot()
	want(t, err, kstack.ErrConfiguration)
	p.write(t, "config/environments/dev.yaml", "environment: dev\n")
	if got := must[string](t)(container.ConfigRoot()); got != filepath.Join(p.root, "config") {
		t.Error(got)
	}
	if got := must[[]string](t)(container.ListEnvironments()); !reflect.DeepEqual(got, []string{"dev"}) {
		t.Error(got)
	}
	if got := must[[]string](t)(container.ListServices("layer3", "")); !reflect.DeepEqual(got, []string{"s3", "database"}) {
		t.Error(got)
	}
}

func TestFailures(t *testing.T) {
	p := newProject(t)
	container := p.container(t)
	_, err := container.GetCredentials("redis", "layer3", "dev")
	want(t, err, kstack.ErrServiceNotFound, "redis", "s3", "database")
	var failure *kstack.Error
	if !errors.As(err, &failure) || failure.Code != kstack.CodeServiceNotFound || failure.Retryable {
		t.Errorf("%#v", failure)
	}
	_, err = container.GetCredentials("s3", "layer3", "staging")
	want(t, err, kstack.ErrConfiguration, "staging", "dev")
	_, err = container.GetCredentials("S3", "layer3", "dev")
	want(t, err, kstack.ErrInvalidArgument)
	_, err = container.GetCredentials("s3", "layer3", "\xff")
	want(t, err, kstack.ErrInvalidArgument)
	_, err = container.OpenVault("prod")
	want(t, err, kstack.ErrConfiguration, "prod")
	_, err = kstack.New(kstack.Options{ProjectRoot: filepath.Join(p.root, "missing")})
	want(t, err, kstack.ErrIO, "missing")
	_, err = kstack.New(kstack.Options{Timeout: -1})
	want(t, err, kstack.ErrInvalidArgument)
	_, err = kstack.New(kstack.Options{Timeout: 50 * 24 * time.Hour})
	want(t, err, kstack.ErrInvalidArgument)
	other := must[*kstack.Container](t)(kstack.New(kstack.Options{ProjectRoot: p.root}))
	defer other.Close()
	_, err = other.GetCredentials("s3", "layer3", "dev")
	want(t, err, kstack.ErrVault, "KSTACK_AGE_KEY", "SOPS_AGE_KEY_FILE")
}

func TestNUL(t *testing.T) {
	p := newProject(t)
	container := p.container(t)
	vault := p.vault(t)
	const bad = "dev\x00canary"
	for _, call := range []func() error{
		func() error { _, err := kstack.New(kstack.Options{ProjectRoot: bad}); return err },
		func() error { _, err := kstack.New(kstack.Options{IdentityFile: bad}); return err },
		func() error { _, err := kstack.New(kstack.Options{Passphrase: bad}); return err },
		func() error { _, err := container.GetCredentials(bad, "layer3", "dev"); return err },
		func() error { _, err := container.GetCredentials("s3", bad, "dev"); return err },
		func() error { _, err := container.GetCredentials("s3", "layer3", bad); return err },
		func() error { _, err := container.OpenVault(bad); return err },
		func() error { _, err := container.ListServices(bad, ""); return err },
		func() error { _, err := container.ListServices("layer3", bad); return err },
		func() error { _, err := vault.Read(bad, "a"); return err },
		func() error { _, err := vault.Read("layer3", bad); return err },
		func() error { _, err := vault.GetFile("layer3", bad); return err },
		func() error { _, err := vault.List(bad, kstack.Encrypted); return err },
		func() error {
			_, err := vault.Decrypt(kstack.DecryptOptions{Files: []string{"layer3/a", bad}})
			return err
		},
	} {
		err := call()
		want(t, err, kstack.ErrInvalidArgument, "NUL")
		if strings.Contains(err.Error(), "canary") {
			t.Error(err)
		}
	}
}

func TestVault(t *testing.T) {
	p := newProject(t)
	p.encrypt(t, "other.bin", []byte("a\x00b"), "-a")
	vault := p.vault(t)
	if vault.Path() != filepath.Join(p.root, "vault", "dev") || vault.Environment() != "dev" {
		t.Error(vault)
	}
	if !must[bool](t)(vault.IsEncrypted()) {
		t.Error("not encrypted")
	}
	if got := must[[]byte](t)(vault.Read("layer3", "other.bin")); string(got) != "a\x00b" {
		t.Errorf("%q", got)
	}
	_, err := vault.Read("layer3", "nope")
	want(t, err, kstack.ErrServiceNotFound, "nope")
	_, err = vault.Read("layer3", "../nope")
	want(t, err, kstack.ErrInvalidArgument)
	_, err = vault.GetFile("layer3", "other.bin")
	want(t, err, kstack.ErrServiceNotFound, "encrypted")
	if got := must[[]kstack.FileResult](t)(vault.Decrypt(kstack.DecryptOptions{Files: []string{}})); len(got) != 0 {
		t.Error(got)
	}
	got := must[[]kstack.FileResult](t)(vault.Decrypt(kstack.DecryptOptions{Files: []string{"layer3/other.bin"}}))
	if !reflect.DeepEqual(got, []kstack.FileResult{{Path: "layer3/other.bin", Result: kstack.Written}}) {
		t.Error(got)
	}
	path := must[string](t)(vault.GetFile("layer3", "other.bin"))
	information, err := os.Stat(path)
	if err != nil || information.Mode() != 0o600 {
		t.Errorf("%v %v", information, err)
	}
	if content, err := os.ReadFile(path); err != nil || string(content) != "a\x00b" {
		t.Errorf("%q %v", content, err)
	}
	edited := p.write(t, "vault/dev/layer3/cloud-credentials.yaml", "edited: true\n")
	got, err = vault.Decrypt(kstack.DecryptOptions{})
	want(t, err, kstack.ErrConflict)
	if len(got) != 2 || got[0].Result != kstack.Conflict || got[0].Message == "" || got[1].Result != kstack.Unchanged {
		t.Error(got)
	}
	must[[]kstack.FileResult](t)(vault.Decrypt(kstack.DecryptOptions{Overwrite: true}))
	if content, err := os.ReadFile(edited); err != nil || string(content) != credentialsFile {
		t.Errorf("%q %v", content, err)
	}
	if must[bool](t)(vault.IsEncrypted()) {
		t.Error("still encrypted")
	}
	for which, files := range map[kstack.Files][]string{
		kstack.Decrypted: {"layer3/cloud-credentials.yaml", "layer3/other.bin"},
		kstack.Encrypted: {"layer3/secret.cloud-credentials.yaml", "layer3/secret.other.bin"},
	} {
		for _, layer := range []string{"", "layer3"} {
			if got := must[[]string](t)(vault.List(layer, which)); !reflect.DeepEqual(got, files) {
				t.Error(got)
			}
		}
		if got := must[[]string](t)(vault.List("layer0", which)); got == nil || len(got) != 0 {
			t.Error(got)
		}
	}
}

func TestSizes(t *testing.T) {
	p := newProject(t)
	vault := p.vault(t)
	for _, size := range []int{0, 1, 65535, 65536, 65537} {
		data := []byte(strings.Repeat("x", size))
		p.encrypt(t, "data.bin", data)
		if got := must[[]byte](t)(vault.Read("layer3", "data.bin")); string(got) != string(data) {
			t.Errorf("%d bytes gave %d", size, len(got))
		}
	}
}

func TestClosed(t *testing.T) {
	p := newProject(t)
	container := p.container(t)
	vault := must[*kstack.Vault](t)(container.OpenVault(""))
	credentials := must[*kstack.Credentials](t)(container.GetCredentials("s3", "layer3", "dev"))
	container.Close()
	container.Close()
	// What came from the container stays good.
	must[string](t)(credentials.Get("octal"))
	must[[]byte](t)(vault.Read("layer3", "cloud-credentials.yaml"))
	for i := 0; i < 2; i++ {
		if err := vault.Close(); err != nil {
			t.Error(err)
		}
		if err := credentials.Close(); err != nil {
			t.Error(err)
		}
	}
	for i, call := range []func() error{
		func() error { _, err := container.GetCredentials("s3", "layer3", "dev"); return err },
		func() error { _, err := container.Environment(); return err },
		func() error { _, err := container.ConfigRoot(); return err },
		func() error { _, err := container.VaultRoot(); return err },
		func() error { _, err := container.OpenVault("dev"); return err },
		func() error { _, err := container.ListEnvironments(); return err },
		func() error { _, err := container.ListServices("layer3", "dev"); return err },
		func() error { _, err := vault.IsEncrypted(); return err },
		func() error { _, err := vault.Decrypt(kstack.DecryptOptions{}); return err },
		func() error { _, err := vault.Read("layer3", "a"); return err },
		func() error { _, err := vault.GetFile("layer3", "a"); return err },
		func() error { _, err := vault.List("", kstack.Encrypted); return err },
		func() error { _, err := credentials.Get("octal"); return err },
		func() error { _, err := credentials.Bytes("octal"); return err },
		func() error { _, err := credentials.Map(); return err },
		func() error { _, err := credentials.JSON(); return err },
		func() error { _, err := new(kstack.Container).Environment(); return err },
		func() error { _, err := new(kstack.Vault).IsEncrypted(); return err },
		func() error { _, err := new(kstack.Credentials).Get("a"); return err },
	} {
		err := call()
		if !errors.Is(err, kstack.ErrClosed) || !errors.Is(err, kstack.ErrInvalidArgument) {
			t.Errorf("call %d gave %v", i, err)
		}
	}
	for _, closer := range []interface{ Close() error }{
		new(kstack.Container), new(kstack.Vault), new(kstack.Credentials),
	} {
		if err := closer.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestRedaction(t *testing.T) {
	p := newProject(t)
	options := kstack.Options{ProjectRoot: p.root, IdentityFile: p.identityFile, Passphrase: "passphrase-canary"}
	container := must[*kstack.Container](t)(kstack.New(options))
	defer container.Close()
	vault := must[*kstack.Vault](t)(container.OpenVault("dev"))
	defer vault.Close()
	credentials := must[*kstack.Credentials](t)(container.GetCredentials("s3", "layer3", "dev"))
	defer credentials.Close()
	identity := must[kstack.Identity](t)(kstack.GenerateIdentity())
	if !strings.HasPrefix(identity.Secret(), "AGE-SECRET-KEY-1") || !strings.HasPrefix(identity.Recipient(), "age1") {
		t.Error("no identity")
	}
	p.write(t, "vault/dev/layer3/cloud-credentials.yaml", credentialsFile+"# edited\n")
	results, conflict := vault.Decrypt(kstack.DecryptOptions{})
	want(t, conflict, kstack.ErrConflict)
	_, missing := container.GetCredentials("nope", "layer3", "dev")
	want(t, missing, kstack.ErrServiceNotFound)
	_, absent := credentials.Get("nope")
	want(t, absent, kstack.ErrServiceNotFound)
	type wrapper struct {
		Credentials *kstack.Credentials
		identity    kstack.Identity
		credentials *kstack.Credentials
	}
	things := []any{
		options, &options, container, vault, credentials, identity, &identity, results, conflict, missing, absent,
		wrapper{credentials, identity, credentials}, []any{credentials, identity},
	}
	for _, thing := range things {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			shown := fmt.Sprintf(verb, thing)
			for _, canary := range append(canaries, identity.Secret(), p.identity) {
				if strings.Contains(shown, canary) || strings.Contains(shown, fmt.Sprintf("%x", canary)) {
					t.Errorf("%s of %T shows %q", verb, thing, canary)
				}
			}
		}
	}
	if shown := fmt.Sprint(credentials); !strings.Contains(shown, "secret-key: ***") {
		t.Error(shown)
	}
	if encoded, err := json.Marshal(credentials); err == nil {
		t.Errorf("marshalled: %s", encoded)
	}
}

func TestGoroutines(t *testing.T) {
	p := newProject(t)
	container := p.container(t)
	var group sync.WaitGroup
	for i := 0; i < 8; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for j := 0; j < 20; j++ {
				credentials, err := container.GetCredentials("s3", "layer3", "dev")
				if err != nil {
					t.Error(err)
					return
				}
				if value, err := credentials.Get("octal"); err != nil || value != "0123" {
					t.Errorf("%q, %v", value, err)
				}
				credentials.Close()
			}
		}()
	}
	group.Wait()
}

func TestCloseBesideRunningCalls(t *testing.T) {
	p := newProject(t)
	for round := 0; round < 10; round++ {
		container := p.container(t)
		vault := must[*kstack.Vault](t)(container.OpenVault("dev"))
		credentials := must[*kstack.Credentials](t)(container.GetCredentials("s3", "layer3", "dev"))
		start := make(chan struct{})
		var group sync.WaitGroup
		for i := 0; i < 8; i++ {
			group.Add(1)
			go func() {
				defer group.Done()
				<-start
				for j := 0; j < 20; j++ {
					given, err := container.GetCredentials("s3", "layer3", "dev")
					if err == nil {
						given.Close()
					} else if !errors.Is(err, kstack.ErrClosed) {
						t.Error(err)
					}
					if _, err := credentials.Map(); err != nil && !errors.Is(err, kstack.ErrClosed) {
						t.Error(err)
					}
					if _, err := vault.Read("layer3", "cloud-credentials.yaml"); err != nil && !errors.Is(err, kstack.ErrClosed) {
						t.Error(err)
					}
				}
			}()
		}
		for i := 0; i < 2; i++ {
			group.Add(1)
			go func() {
				defer group.Done()
				<-start
				container.Close()
				credentials.Close()
				vault.Close()
			}()
		}
		close(start)
		group.Wait()
	}
}

func TestFinalizers(t *testing.T) {
	p := newProject(t)
	for i := 0; i < 50; i++ {
		container := must[*kstack.Container](t)(kstack.New(kstack.Options{
			ProjectRoot: p.root, IdentityFile: p.identityFile, Log: func(kstack.LogLevel, string) {},
		}))
		must[*kstack.Vault](t)(container.OpenVault("dev"))
		must[*kstack.Credentials](t)(container.GetCredentials("s3", "layer3", "dev"))
	}
	for i := 0; i < 3; i++ {
		runtime.GC()
		time.Sleep(10 * time.Millisecond)
	}
}

func TestLog(t *testing.T) {
	p := newProject(t)
	// The line of a plugin is passed over, and that is logged.
	keys := p.write(t, "keys.txt", "AGE-PLUGIN-YUBIKEY-1CANARY\n"+p.identity+"\n")
	var lines []string
	container := must[*kstack.Container](t)(kstack.New(kstack.Options{
		ProjectRoot: p.root, IdentityFile: keys,
		Log: func(level kstack.LogLevel, message string) {
			lines = append(lines, level.String()+": "+message)
			panic("of a log function")
		},
	}))
	vault := must[*kstack.Vault](t)(container.OpenVault("dev"))
	container.Close()
	// The vault logs to where its container did, which is closed.
	must[[]byte](t)(vault.Read("layer3", "cloud-credentials.yaml"))
	vault.Close()
	if len(lines) == 0 || !strings.Contains(lines[0], keys) || strings.Contains(lines[0], "CANARY") {
		t.Error(lines)
	}
}
