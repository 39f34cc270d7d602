package kstack_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"kstack.dev/go/kstack"
)

func TestPostQuantumIdentities(t *testing.T) {
	p := newProject(t)
	identity, err := kstack.GeneratePostQuantumIdentity()
	if err != nil && strings.Contains(err.Error(), "does not have post-quantum support") {
		t.Skip("built with PQ=0")
	}
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^AGE-SECRET-KEY-PQ-1[A-Z0-9]{58}$`).MatchString(identity.Secret()) {
		t.Error("no post-quantum identity")
	}
	if !strings.HasPrefix(identity.Recipient(), "age1pq1") || len(identity.Recipient()) != 1959 {
		t.Error("no post-quantum recipient")
	}
	if strings.Contains(fmt.Sprintf("%+v", identity), identity.Secret()) {
		t.Error("the identity is shown")
	}
	if err := os.WriteFile(p.identityFile, []byte(p.identity+"\n"+identity.Secret()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.recipients(t, "dev", identity.Recipient())
	vault := p.vault(t)
	if err := vault.Write(ctx, kstack.Layer3, "new.txt", []byte("for the new one"), ""); err != nil {
		t.Fatal(err)
	}
	if content := must[[]byte](t)(vault.Read(ctx, kstack.Layer3, "new.txt")); string(content) != "for the new one" {
		t.Errorf("%q", content)
	}
	look := func(want bool) {
		t.Helper()
		files := kstack.StatusOptions{Files: []string{"layer3/new.txt"}}
		status := must[[]kstack.FileResult](t)(vault.Status(ctx, files))
		if len(status) != 1 || !status[0].Current || status[0].PostQuantum != want {
			t.Errorf("%+v", status)
		}
	}
	look(true)
	p.recipients(t, "dev", identity.Recipient(), p.recipient)
	mixed := vault.Write(ctx, kstack.Layer3, "new.txt", []byte("for both"), "")
	want(t, mixed, kstack.ErrConfiguration)
	p.recipients(t, "dev")
	if _, err := vault.Rekey(ctx, kstack.RekeyOptions{Files: []string{"layer3/new.txt"}}); err != nil {
		t.Fatal(err)
	}
	look(false)
}
