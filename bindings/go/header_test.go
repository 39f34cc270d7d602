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
	own := string(must[[]byte](t)(os.ReadFile("internal/ffi/kstack_go.h")))
	for _, name := range []string{"ABI_VERSION", "VERSION_MAJOR", "VERSION_MINOR", "VERSION_PATCH"} {
		number := regexp.MustCompile(`(?m)^#define KSTACK_` + name + ` (\d+)$`).FindSubmatch(header)
		if number == nil || !strings.Contains(own, fmt.Sprintf("#define KSTACK_GO_%s %s\n", name, number[1])) {
			t.Errorf("KSTACK_GO_%s of kstack_go.h is not %s", name, number)
		}
	}
}

// TestNumbersAreThoseOfTheHeader compares the constants of this package, which has no cgo, with those of C.
func TestNumbersAreThoseOfTheHeader(t *testing.T) {
	header := string(must[[]byte](t)(os.ReadFile("internal/ffi/kstack_bundled.h")))
	numbers := map[string]int32{
		"KSTACK_CONTEXT_LOCAL": int32(kstack.LocalContext), "KSTACK_CONTEXT_CLUSTER": int32(kstack.ClusterContext),
		"KSTACK_LOG_DEBUG": int32(kstack.LogDebug), "KSTACK_LOG_INFO": int32(kstack.LogInfo),
		"KSTACK_LOG_WARNING":           int32(kstack.LogWarning),
		"KSTACK_VAULT_FILES_DECRYPTED": int32(kstack.PlaintextFiles), "KSTACK_VAULT_FILES_ENCRYPTED": int32(kstack.EncryptedFiles),
		"KSTACK_VAULT_UNCHANGED": int32(kstack.FileUnchanged), "KSTACK_VAULT_WRITTEN": int32(kstack.FileWritten),
		"KSTACK_VAULT_CONFLICT": int32(kstack.FileConflict), "KSTACK_VAULT_FAILED": int32(kstack.FileFailed),
		"KSTACK_VAULT_STALE": int32(kstack.FileStale), "KSTACK_VAULT_ENCRYPTED": int32(kstack.FileEncrypted),
		"KSTACK_VAULT_DECRYPTED": int32(kstack.FileDecrypted), "KSTACK_VAULT_EDITED": int32(kstack.FileEdited),
		"KSTACK_VAULT_IN_CLEAR": int32(kstack.FileInClear),
	}
	for _, code := range codes {
		// Those of contexts are made without the library, too.
		if code != kstack.ErrTimeout && code != kstack.ErrCancelled || code.String() != "KSTACK_ERROR_UNKNOWN" {
			numbers[code.String()] = int32(code)
		}
	}
	for _, found := range regexp.MustCompile(`(?m)^#define (KSTACK_\w+) \(\((kstack_\w+)\)(\d+)\)$`).FindAllStringSubmatch(header, -1) {
		number, known := numbers[found[1]]
		if found[1] == "KSTACK_OK" || found[2] == "uint32_t" {
			continue
		}
		if !known || fmt.Sprint(number) != found[3] {
			t.Errorf("%s is %s, and here %d (%v)", found[1], found[3], number, known)
		}
		delete(numbers, found[1])
	}
	for name := range numbers {
		t.Error(name, "is not in the header")
	}
}

func TestHeaderOfAnotherVersionIsRefused(t *testing.T) {
	header := string(must[[]byte](t)(os.ReadFile("internal/ffi/kstack_bundled.h")))
	folder := newConsumer(t)
	refused := func(header string, texts ...string) {
		t.Helper()
		installed := t.TempDir()
		writeFile(t, filepath.Join(installed, "kstack.h"), header)
		writeFile(t, filepath.Join(installed, "kstack.pc"),
			"Name: kstack\nDescription: another one\nVersion: 1\nCflags: -I"+installed+"\nLibs: -lkstack\n")
		// Another cache, since a cached package keeps the header that it was built with.
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
