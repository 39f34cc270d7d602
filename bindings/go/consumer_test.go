package kstack_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const consumer = `package main

import (
	"context"
	"encoding/json"
	"os"

	"kstack.dev/go/kstack"
)

type provider struct{}

func (provider) GetCredentials(_ context.Context, query kstack.Query) (map[string]string, error) {
	return map[string]string{"token": query.Service + " of " + query.Layer.String()}, nil
}

func main() {
	answers := map[string]string{
		"version": kstack.Version(),
		"context": kstack.CurrentContext().String(),
		"reason":  kstack.ContextReason(),
		"layer":   kstack.Layer3.String(),
	}
	note := func(name string, err error) bool {
		if err != nil {
			answers[name] = err.Error()
			answers[name+" code"] = err.(*kstack.Error).Code.String()
		}
		return err == nil
	}
	identity, err := kstack.GenerateIdentity()
	if note("identity", err) {
		answers["identity"] = identity.Recipient()[:4]
	}
	_, err = kstack.ParseLayer("layer1")
	note("parse", err)
	note("guard", kstack.Guard(kstack.LocalContext))
	container, err := kstack.New(kstack.Options{ProjectRoot: os.Getenv("ROOT"), IdentityFile: os.Getenv("IDENTITY")})
	if note("new", err) {
		credentials, err := container.GetCredentials(context.Background(),
			kstack.Query{Service: "s3", Layer: kstack.Layer3, Environment: "dev"})
		if note("vault", err) {
			answers["vault"], _ = credentials.Get("access-key")
		}
		note("set", container.SetSecretsProvider(provider{}))
		credentials, err = container.GetCredentials(context.Background(),
			kstack.Query{Service: "s3", Layer: kstack.Layer3, Environment: "dev"})
		if note("provider", err) {
			answers["provider"], _ = credentials.Get("token")
		}
		container.Close()
	}
	if os.Geteuid() != os.Getuid() {
		answers["privileged"] = "yes"
	}
	json.NewEncoder(os.Stdout).Encode(answers)
}
`

// newConsumer makes the module of a program that uses this package, and returns its folder.
func newConsumer(t *testing.T) string {
	t.Helper()
	here := must[string](t)(os.Getwd())
	folder := t.TempDir()
	writeFile(t, filepath.Join(folder, "main.go"), consumer)
	writeFile(t, filepath.Join(folder, "go.mod"), fmt.Sprintf(
		"module example.com/consumer\n\ngo 1.19\n\nrequire kstack.dev/go/kstack v0.0.0\n\nreplace kstack.dev/go/kstack => %s\n", here))
	return folder
}

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// goRun runs the go command in a folder, with changes to the variables; NAME= alone removes one.
func goRun(folder string, changes []string, arguments ...string) (string, error) {
	run := exec.Command("go", arguments...)
	run.Dir = folder
	run.Env = changed(append([]string{"GOFLAGS=", "GOPROXY=off", "GOWORK=off", "CGO_ENABLED=1"}, changes...)...)
	output, err := run.CombinedOutput()
	return string(output), err
}

func changed(changes ...string) []string {
	var result []string
	for _, variable := range os.Environ() {
		name := strings.SplitN(variable, "=", 2)[0] + "="
		kept := true
		for _, change := range changes {
			kept = kept && !strings.HasPrefix(change, name)
		}
		if kept {
			result = append(result, variable)
		}
	}
	for _, change := range changes {
		if !strings.HasSuffix(change, "=") {
			result = append(result, change)
		}
	}
	return result
}
