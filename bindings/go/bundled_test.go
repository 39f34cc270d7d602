package kstack_test

import (
	"bytes"
	"debug/elf"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"kstack.dev/go/kstack"
)

// loadedLibrary returns the path of the libkstack that this test uses.
func loadedLibrary(t *testing.T) string {
	t.Helper()
	maps := must[[]byte](t)(os.ReadFile("/proc/self/maps"))
	path := regexp.MustCompile(`/.*/libkstack\.so[.0-9]*`).Find(maps)
	if path == nil {
		t.Fatal("no libkstack is loaded")
	}
	return string(path)
}

// TestBundled builds a program with build tag kstack_bundled from what `go mod vendor` copies of this module, without
// pkg-config, and runs it with the library in each place, and in none.
func TestBundled(t *testing.T) {
	// newProject sets another HOME for the test, where the cache would be empty.
	cache := strings.TrimSpace(string(command(t, nil, "go", "env", "GOCACHE")))
	p := newProject(t)
	t.Setenv("GOCACHE", cache)
	source := newConsumer(t)
	if output, err := goRun(source, nil, "mod", "vendor"); err != nil {
		t.Fatal(output)
	}
	root := t.TempDir()
	program := filepath.Join(root, "bin", "program")
	if output, err := goRun(source, []string{
		"PKG_CONFIG=/nowhere/pkg-config", "PKG_CONFIG_PATH=", "LD_LIBRARY_PATH=", "LIBRARY_PATH=", "CPATH=",
	}, "build", "-mod=vendor", "-tags", "kstack_bundled", "-o", program, "."); err != nil {
		t.Fatal(output)
	}
	checkLinking(t, program)

	library := loadedLibrary(t)
	beside := filepath.Join(root, "bin", "libkstack.so.0")
	inLib := filepath.Join(root, "lib", "libkstack.so.0")
	elsewhere := filepath.Join(t.TempDir(), "libkstack.so.0")
	start := func(run *exec.Cmd, changes ...string) map[string]string {
		t.Helper()
		run.Env = changed(append([]string{
			"LD_LIBRARY_PATH=", "KSTACK_LIBRARY=", "ROOT=" + p.root, "IDENTITY=" + p.identityFile,
		}, changes...)...)
		var stderr bytes.Buffer
		run.Stderr = &stderr
		output, err := run.Output()
		if err != nil {
			t.Fatal(err, stderr.String())
		}
		answers := map[string]string{}
		if err := json.Unmarshal(output, &answers); err != nil {
			t.Fatal(err, string(output))
		}
		return answers
	}
	run := func(t *testing.T, changes ...string) map[string]string {
		t.Helper()
		return start(exec.Command(program), changes...)
	}
	works := func(t *testing.T, answers map[string]string) {
		t.Helper()
		for name, wanted := range map[string]string{
			"version": kstack.Version(), "context": "local", "layer": "layer3", "identity": "age1", "parse": "", "guard": "",
			"vault": "AKIAEXAMPLE", "provider": "s3 of layer3",
		} {
			if answers[name] != wanted {
				t.Errorf("%s is %q, want %q", name, answers[name], wanted)
			}
		}
	}
	fails := func(t *testing.T, answers map[string]string, texts ...string) {
		t.Helper()
		for _, name := range []string{"new", "identity", "parse", "guard"} {
			for _, text := range append(texts, "libkstack could not be loaded") {
				if !strings.Contains(answers[name], text) {
					t.Errorf("%s: %q is missing in: %s", name, text, answers[name])
				}
			}
			if code := answers[name+" code"]; code != "KSTACK_ERROR_CONFIGURATION" || strings.Contains(answers[name], "\n") {
				t.Errorf("%s: %s: %q", name, code, answers[name])
			}
		}
		if answers["version"] != "" || answers["context"] != "unknown" ||
			!strings.HasPrefix(answers["reason"], "libkstack could not be loaded") {
			t.Errorf("%q", answers)
		}
	}
	// put has a library at a path while one test runs.
	put := func(t *testing.T, from, path string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(from, path); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.Remove(path) })
	}

	t.Run("nowhere", func(t *testing.T) {
		answers := run(t)
		if answers["version"] != "" {
			t.Skip("a library is installed in this system")
		}
		fails(t, answers, beside+" (next to the program): ", inLib+" (in ../lib from the program): ",
			"libkstack.so.0 (where the loader of the system looks): cannot open", "KSTACK_LIBRARY is not set")
	})
	t.Run("next to the program", func(t *testing.T) {
		put(t, library, beside)
		works(t, run(t))
	})
	t.Run("in lib", func(t *testing.T) {
		put(t, library, inLib)
		works(t, run(t))
	})
	t.Run("by the loader", func(t *testing.T) {
		put(t, library, elsewhere)
		works(t, run(t, "LD_LIBRARY_PATH="+filepath.Dir(elsewhere)))
	})
	t.Run("by the variable", func(t *testing.T) {
		put(t, library, elsewhere)
		works(t, run(t, "KSTACK_LIBRARY="+elsewhere))
	})
	t.Run("no other than the variable's", func(t *testing.T) {
		put(t, library, beside)
		answers := run(t, "KSTACK_LIBRARY="+elsewhere)
		fails(t, answers, elsewhere+" (KSTACK_LIBRARY): cannot open")
		if strings.Contains(answers["new"], beside) || strings.Contains(answers["new"], "is not set") {
			t.Error(answers["new"])
		}
	})
	t.Run("a secret in place of a path", func(t *testing.T) {
		answers := run(t, "KSTACK_LIBRARY="+p.identity)
		fails(t, answers, fmt.Sprintf("KSTACK_LIBRARY (%d characters)", len(p.identity)))
		if strings.Contains(fmt.Sprint(answers), p.identity) {
			t.Error("the secret is shown")
		}
	})
	for name, other := range map[string]struct{ code, want string }{
		"of another ABI": {`int kstack_abi_version(void) { return 7; } const char *kstack_version(void) { return "7.0.0"; }`,
			"is version 7.0.0 with ABI version 7, and this program was compiled for " + kstack.HeaderVersion + " with 0"},
		"too old": {`int kstack_abi_version(void) { return 0; } const char *kstack_version(void) { return "0.1.9"; }`,
			"is version 0.1.9, and this program was compiled for " + kstack.HeaderVersion},
		"without functions": {`int kstack_abi_version(void) { return 0; } const char *kstack_version(void) { return "99.0.0"; }`,
			"version 99.0.0, and lacks "},
		"of something else": {`int other;`, "no version of libkstack"},
	} {
		t.Run("a library "+name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "libother.so")
			command(t, []byte(other.code), "cc", "-shared", "-fPIC", "-x", "c", "-o", path, "-")
			fails(t, run(t, "KSTACK_LIBRARY="+path), path, other.want)
			// Among several places the next one is tried.
			put(t, path, beside)
			put(t, library, inLib)
			works(t, run(t))
		})
	}
	t.Run("privileged", func(t *testing.T) {
		// A set-user-ID program must not load what its caller chose.
		if os.Geteuid() != 0 {
			t.Skip("needs root")
		}
		folder := must[string](t)(os.MkdirTemp("", "kstack-privileged-"))
		t.Cleanup(func() { os.RemoveAll(folder) })
		copied := filepath.Join(folder, "program")
		command(t, nil, "cp", program, copied)
		command(t, nil, "cp", library, filepath.Join(folder, "libkstack.so.0"))
		command(t, nil, "chmod", "0755", folder)
		command(t, nil, "chmod", "4755", copied)
		asNobody := exec.Command(copied)
		asNobody.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		if err := (&exec.Cmd{Path: copied, SysProcAttr: asNobody.SysProcAttr}).Run(); err != nil {
			t.Skip("no other user can be had here: ", err)
		}
		answers := start(asNobody, "KSTACK_LIBRARY="+filepath.Join(folder, "libkstack.so.0"))
		if answers["privileged"] == "" || answers["version"] != "" && strings.HasPrefix(library, "/usr/") {
			t.Skip("set-user-ID does nothing here, or a library is installed in this system")
		}
		fails(t, answers, "tried: not KSTACK_LIBRARY and the folder of the program", "; libkstack.so.0 (where")
		if strings.Contains(answers["new"], folder) {
			t.Error(answers["new"])
		}
	})
}

// checkLinking checks that a program neither needs the library nor exports its symbols, so that the library's own calls
// cannot reach the program.
func checkLinking(t *testing.T, program string) {
	t.Helper()
	file := must[*elf.File](t)(elf.Open(program))
	defer file.Close()
	for _, name := range must[[]string](t)(file.ImportedLibraries()) {
		if strings.Contains(name, "kstack") {
			t.Error("the program needs", name)
		}
	}
	for _, tag := range []elf.DynTag{elf.DT_RPATH, elf.DT_RUNPATH} {
		if paths, err := file.DynString(tag); err != nil || len(paths) > 0 {
			t.Error(tag, paths, err)
		}
	}
	for _, symbol := range must[[]elf.Symbol](t)(file.DynamicSymbols()) {
		if strings.HasPrefix(symbol.Name, "kstack_") {
			t.Error("the program has a dynamic symbol", symbol.Name)
		}
	}
}
