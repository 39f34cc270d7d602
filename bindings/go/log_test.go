//go:build cgo

package kstack

import (
	"errors"
	"strings"
	"testing"
)

func TestLogReachesItsFunction(t *testing.T) {
	var lines []string
	var levels []LogLevel
	reference := newLogReference(func(level LogLevel, message string) {
		levels = append(levels, level)
		lines = append(lines, message)
	})
	logForTest(reference.number(), LogWarning, "größer")
	reference.retain()
	reference.release()
	logForTest(reference.number(), LogDebug, "still there")
	number := reference.number()
	reference.release()
	logForTest(number, LogInfo, "nobody is there, and that is no panic")
	if len(lines) != 2 || lines[0] != "größer" || levels[0] != LogWarning || levels[1].String() != "debug" {
		t.Error(lines, levels)
	}
}

func TestPanicOfALogFunctionIsDropped(t *testing.T) {
	reference := newLogReference(func(LogLevel, string) { panic("oops") })
	defer reference.release()
	logForTest(reference.number(), LogInfo, "text")
}

func TestABI(t *testing.T) {
	if err := checkABI(); err != nil {
		t.Error(err)
	}
	for version, fine := range map[string]bool{HeaderVersion: true, "99.0.0": true, "0.0.9": false, "": false} {
		err := checkVersion(version)
		if fine != (err == nil) {
			t.Errorf("%q: %v", version, err)
		}
		if err != nil && !strings.Contains(err.Error(), HeaderVersion) {
			t.Error(err)
		}
	}
	if err := checkABIVersion(7); !errors.Is(err, ErrConfiguration) {
		t.Error(err)
	}
}
