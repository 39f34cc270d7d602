package kstack

import (
	"fmt"
	"regexp"
	"runtime"
	"strings"
)

// Variables by which the loader, a shell or an interpreter is made to run code. A secret may come from a file that
// another layer shares, and whoever writes that file is not to run code here. The Python binding has the same names, and
// docs/layer-secrets.md lists them.
var reservedPrefixes = []string{
	"BASH_FUNC_", "DYLD_", "GIT_CONFIG", "KSTACK_", "LD_", "LUA_", "PERL5", "PYTHON",
}

var reserved = map[string]bool{
	"BASHOPTS":                 true,
	"BASH_ENV":                 true,
	"BROWSER":                  true,
	"BUNDLE_GEMFILE":           true,
	"CDPATH":                   true,
	"CLASSPATH":                true,
	"CORECLR_ENABLE_PROFILING": true,
	"CORECLR_PROFILER":         true,
	"CORECLR_PROFILER_PATH":    true,
	"DOTNET_STARTUP_HOOKS":     true,
	"EDITOR":                   true,
	"ENV":                      true,
	"GCONV_PATH":               true,
	"GEM_HOME":                 true,
	"GEM_PATH":                 true,
	"GIT_ASKPASS":              true,
	"GIT_EDITOR":               true,
	"GIT_EXEC_PATH":            true,
	"GIT_EXTERNAL_DIFF":        true,
	"GIT_PAGER":                true,
	"GIT_PROXY_COMMAND":        true,
	"GIT_SEQUENCE_EDITOR":      true,
	"GIT_SSH":                  true,
	"GIT_SSH_COMMAND":          true,
	"GIT_TEMPLATE_DIR":         true,
	"GLIBC_TUNABLES":           true,
	"GOFLAGS":                  true,
	"HOME":                     true,
	"IFS":                      true,
	"JAVA_TOOL_OPTIONS":        true,
	"JDK_JAVA_OPTIONS":         true,
	"LESSCLOSE":                true,
	"LESSOPEN":                 true,
	"LOCPATH":                  true,
	"NLSPATH":                  true,
	"NODE_OPTIONS":             true,
	"NODE_PATH":                true,
	"OPENSSL_CONF":             true,
	"OPENSSL_ENGINES":          true,
	"OPENSSL_MODULES":          true,
	"PAGER":                    true,
	"PATH":                     true,
	"PERLLIB":                  true,
	"PHPRC":                    true,
	"PHP_INI_SCAN_DIR":         true,
	"PROMPT_COMMAND":           true,
	"PS4":                      true,
	"RUBYLIB":                  true,
	"RUBYOPT":                  true,
	"R_ENVIRON":                true,
	"R_ENVIRON_USER":           true,
	"R_PROFILE":                true,
	"R_PROFILE_USER":           true,
	"SHELL":                    true,
	"SHELLOPTS":                true,
	"VISUAL":                   true,
	"ZDOTDIR":                  true,
	"_JAVA_OPTIONS":            true,
}

// variableName is ASCII only: what is upper case of another letter differs from language to language.
var variableName = regexp.MustCompile(`\A[A-Za-z_][A-Za-z0-9_-]*\z`)

// Environ gives the values as variables for exec.Cmd, NAME=value in the order of the source: a name is in upper case with
// _ for -. Of two variables of one name exec.Cmd takes the last, so what is set already wins with
//
//	command.Env = append(environ, os.Environ()...)
//
// It gives ErrConfiguration for a name or a value that no variable can have, for two names of one variable, and for a
// variable by which programs are made to run code, such as PATH or LD_PRELOAD; and ErrClosed.
func (c *Credentials) Environ() ([]string, error) {
	defer runtime.KeepAlive(c)
	given, err := c.object().acquire()
	if err != nil {
		return nil, err
	}
	defer c.object().release()
	names := make(map[string]string, len(c.names))
	result := make([]string, 0, len(c.names))
	for index, name := range c.names {
		variable := strings.ReplaceAll(strings.ToUpper(name), "-", "_")
		earlier, isTaken := names[variable]
		value := string(valueAt(given, index))
		problem := ""
		switch {
		case !variableName.MatchString(name):
			problem = fmt.Sprintf("name %d, %q, is no name for a variable: it begins with a letter of ASCII or '_', and "+
				"more of them, digits, '_' and '-' follow", index+1, name)
		case isReserved(variable):
			problem = fmt.Sprintf("name %d, %q, would be the variable %s, by which programs are made to run code, and "+
				"which no secret may set; give it another name", index+1, name, variable)
		case isTaken:
			problem = fmt.Sprintf("%q and %q are both for the variable %s", earlier, name, variable)
		case strings.Contains(value, "\x00"):
			problem = fmt.Sprintf("the value of name %d, %q, holds a NUL, which no variable can hold", index+1, name)
		}
		if problem != "" {
			return nil, newError(CodeConfiguration, c.source+": "+problem, false)
		}
		names[variable] = name
		result = append(result, variable+"="+value)
	}
	return result, nil
}

// isReserved gives whether a variable makes programs run code.
func isReserved(variable string) bool {
	for _, prefix := range reservedPrefixes {
		if strings.HasPrefix(variable, prefix) {
			return true
		}
	}
	return reserved[variable]
}
