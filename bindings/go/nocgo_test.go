package kstack_test

import (
	"strings"
	"testing"
)

// TestWithoutCgo checks that the compiler says in one line what is missing.
func TestWithoutCgo(t *testing.T) {
	for _, tags := range []string{"", "kstack_bundled"} {
		for _, folder := range []string{".", newConsumer(t)} {
			for _, verb := range []string{"build", "vet"} {
				output, err := goRun(folder, []string{"CGO_ENABLED=0"}, verb, "-tags", tags, ".")
				if err == nil {
					t.Errorf("%s in %s succeeds", verb, folder)
				}
				for _, line := range strings.Split(strings.TrimSpace(output), "\n") {
					if !strings.HasPrefix(line, "# ") && !strings.Contains(line, "kstack_needs_cgo__set_CGO_ENABLED_1") {
						t.Errorf("%s -tags %q in %s: %s", verb, tags, folder, line)
					}
				}
			}
		}
	}
}
