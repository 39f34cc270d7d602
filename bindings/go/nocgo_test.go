package kstack_test

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestWithoutCgo builds a program without cgo, with and without the tag, and checks that it runs and returns one error.
func TestWithoutCgo(t *testing.T) {
	const message = "kstack: this program was built without libkstack; build it on Linux with CGO_ENABLED=1 and a C compiler"
	for _, tags := range []string{"", "kstack_bundled"} {
		folder := newConsumer(t)
		program := filepath.Join(folder, "program")
		if output, err := goRun(folder, []string{"CGO_ENABLED=0"}, "build", "-tags", tags, "-o", program, "."); err != nil {
			t.Fatal(output)
		}
		if output, err := goRun(".", []string{"CGO_ENABLED=0"}, "vet", "-tags", tags, "."); err != nil {
			t.Error(output)
		}
		output := must[[]byte](t)(exec.Command(program).Output())
		answers := map[string]string{}
		if err := json.Unmarshal(output, &answers); err != nil {
			t.Fatal(err, string(output))
		}
		for _, name := range []string{"new", "identity", "parse", "guard"} {
			if answers[name] != message || answers[name+" code"] != "KSTACK_ERROR_CONFIGURATION" {
				t.Errorf("%s: %q, %s", name, answers[name], answers[name+" code"])
			}
		}
		if answers["version"] != "" || answers["context"] != "unknown" || !strings.HasPrefix(answers["reason"], "this program") {
			t.Errorf("%q", answers)
		}
	}
}

// TestForeignSystems compiles the package for systems that have no libkstack.
func TestForeignSystems(t *testing.T) {
	folder := newConsumer(t)
	for _, system := range []string{"darwin", "windows"} {
		for _, tags := range []string{"", "kstack_bundled"} {
			output, err := goRun(folder, []string{"GOOS=" + system, "CGO_ENABLED=0"}, "vet", "-tags", tags, ".")
			if err != nil {
				t.Errorf("%s: %s", system, output)
			}
		}
	}
}

// TestCgoIsInOnePlace checks that no other package of the module uses cgo.
func TestCgoIsInOnePlace(t *testing.T) {
	output, err := goRun(".", nil, "list", "-f", "{{if or .CgoFiles .CFiles}}{{.ImportPath}}{{end}}", "./...")
	if found := strings.TrimSpace(output); err != nil || found != "kstack.dev/go/kstack/internal/ffi" {
		t.Errorf("%v: %s", err, output)
	}
}
