package kstack_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"kstack.dev/go/kstack"
)

func TestRedaction(t *testing.T) {
	p := newProject(t)
	options := kstack.Options{ProjectRoot: p.root, IdentityFile: p.identityFile, Passphrase: "passphrase-canary"}
	container := must[*kstack.Container](t)(kstack.New(options))
	defer container.Close()
	vault := must[*kstack.Vault](t)(container.OpenVault(ctx, "dev"))
	defer vault.Close()
	credentials := must[*kstack.Credentials](t)(container.GetCredentials(ctx, query("s3", "layer3", "dev")))
	defer credentials.Close()
	identity := must[kstack.Identity](t)(kstack.GenerateIdentity())
	if !strings.HasPrefix(identity.Secret(), "AGE-SECRET-KEY-1") || !strings.HasPrefix(identity.Recipient(), "age1") {
		t.Error("no identity")
	}
	p.write(t, "vault/dev/layer3/cloud-credentials.yaml", credentialsFile+"# edited\n")
	results, conflict := vault.Decrypt(ctx, kstack.DecryptOptions{})
	want(t, conflict, kstack.ErrConflict)
	_, missing := container.GetCredentials(ctx, query("nope", "layer3", "dev"))
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

func TestLog(t *testing.T) {
	p := newProject(t)
	// The line of a plugin is ignored, and that is logged.
	keys := p.write(t, "keys.txt", "AGE-PLUGIN-YUBIKEY-1CANARY\n"+p.identity+"\n")
	var lines []string
	container := must[*kstack.Container](t)(kstack.New(kstack.Options{
		ProjectRoot: p.root, IdentityFile: keys,
		Log: func(level kstack.LogLevel, message string) {
			lines = append(lines, level.String()+": "+message)
			panic("of a log function")
		},
	}))
	vault := must[*kstack.Vault](t)(container.OpenVault(ctx, "dev"))
	container.Close()
	// The vault logs to the function of its container, which is closed.
	must[[]byte](t)(vault.Read(ctx, "layer3", "cloud-credentials.yaml"))
	vault.Close()
	if len(lines) == 0 || !strings.Contains(lines[0], keys) || strings.Contains(lines[0], "CANARY") {
		t.Error(lines)
	}
}
