package kstack

import "kstack.dev/go/kstack/internal/ffi"

// RuntimeContext is where the process runs.
type RuntimeContext int32

const (
	// LocalContext is a developer's machine, or any other place that shows no sign of a pod.
	LocalContext RuntimeContext = 0
	// ClusterContext is a Kubernetes pod.
	ClusterContext RuntimeContext = 1
)

// String returns "local" or "cluster".
func (c RuntimeContext) String() string {
	switch c {
	case LocalContext:
		return "local"
	case ClusterContext:
		return "cluster"
	}
	return "unknown"
}

// Version returns the version of the library that was loaded, such as "0.2.0"; "" where none could be loaded.
func Version() string { return ffi.Version() }

// HeaderVersion is the version of the header that this package was compiled with; "" without cgo.
const HeaderVersion = ffi.HeaderVersion

// IsInCluster reports whether the process runs in a Kubernetes pod; false where no library could be loaded.
func IsInCluster() bool { return ffi.IsInCluster() }

// CurrentContext returns where the process runs; neither constant where no library could be loaded.
func CurrentContext() RuntimeContext { return RuntimeContext(ffi.CurrentContext()) }

// ContextReason returns the signs by which the context was decided, as a sentence.
func ContextReason() string { return ffi.ContextReason() }

// Guard returns ErrEnvironment when the process does not run in the required context.
func Guard(required RuntimeContext) error { return errorFrom(ffi.Guard(int32(required))) }
