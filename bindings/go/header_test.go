package kstack_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"kstack.dev/go/kstack"
)

// TestPackageIsWrittenForTheHeader compares the numbers in kstack_go.h with those of the library's own header.
func TestPackageIsWrittenForTheHeader(t *testing.T) {
	header, err := os.ReadFile("../../Include/kstack.h")
	if err != nil {
		t.Skip("the sources of the library are not here")
	}
	own := string(must[[]byte](t)(os.ReadFile("kstack_go.h")))
	for _, name := range []string{"ABI_VERSION", "VERSION_MAJOR", "VERSION_MINOR", "VERSION_PATCH"} {
		number := regexp.MustCompile(`(?m)^#define KSTACK_` + name + ` (\d+)$`).FindSubmatch(header)
		if number == nil || !strings.Contains(own, fmt.Sprintf("#define KSTACK_GO_%s %s\n", name, number[1])) {
			t.Errorf("KSTACK_GO_%s of kstack_go.h is not %s", name, number)
		}
	}
}

func TestHeaderOfAnotherVersionIsRefused(t *testing.T) {
	header := string(must[[]byte](t)(os.ReadFile("kstack_bundled.h")))
	folder := newConsumer(t)
	refused := func(header string, texts ...string) {
		t.Helper()
		installed := t.TempDir()
		writeFile(t, filepath.Join(installed, "kstack.h"), header)
		writeFile(t, filepath.Join(installed, "kstack.pc"),
			"Name: kstack\nDescription: another one\nVersion: 1\nCflags: -I"+installed+"\nLibs: -lkstack\n")
		// A cache that has the package keeps the header that it was built with.
		changes := []string{"PKG_CONFIG_PATH=" + installed, "GOCACHE=" + filepath.Join(installed, "cache")}
		output, err := goRun(folder, changes, "build", "-o", os.DevNull, ".")
		for _, text := range texts {
			if err == nil || !strings.Contains(output, text) {
				t.Errorf("%v: %q is missing in:\n%s", err, text, output)
			}
		}
	}
	replace := func(name, value string) string {
		line := regexp.MustCompile(`(?m)^#define ` + name + ` .*$`)
		if !line.MatchString(header) {
			t.Fatal(name)
		}
		return line.ReplaceAllLiteralString(header, "#define "+name+" "+value)
	}
	written := "written for version " + kstack.HeaderVersion
	refused(replace("KSTACK_ABI_VERSION", "7"), "kstack.h has ABI version 7 (version "+kstack.HeaderVersion+")",
		"written for ABI version 0 (version "+kstack.HeaderVersion+")")
	header = replace("KSTACK_VERSION", `"0.1.9"`)
	refused(replace("KSTACK_VERSION_MINOR", "1"), "kstack.h is version 0.1.9", written)
	refused("", "it has no version")
}
