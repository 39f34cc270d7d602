//go:build cgo && linux

package ffi

import (
	"strings"
	"testing"
)

func TestLogReachesItsFunction(t *testing.T) {
	var lines []string
	var levels []int32
	target := newLogTarget(func(level int32, message string) {
		levels = append(levels, level)
		lines = append(lines, message)
	})
	logLine(target.number(), 2, "größer")
	target.retain()
	target.release()
	logLine(target.number(), 0, "still there")
	number := target.number()
	target.release()
	logLine(number, 1, "a line without a function does not panic")
	if len(lines) != 2 || lines[0] != "größer" || levels[0] != 2 || levels[1] != 0 {
		t.Error(lines, levels)
	}
}

func TestPanicOfALogFunctionIsDropped(t *testing.T) {
	target := newLogTarget(func(int32, string) { panic("oops") })
	defer target.release()
	logLine(target.number(), 1, "text")
}

func TestABI(t *testing.T) {
	if err := CheckLibrary(); err != nil {
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
	if err := checkABIVersion(7, "9.8.7"); err == nil || err.Status != statusConfiguration {
		t.Error(err)
	}
}
