package kstack

// #include "kstack_go.h"
import "C"

// Context is where the process runs.
type Context int32

const (
	// ContextLocal is a developer's machine, or any other place that shows no sign of a pod.
	ContextLocal Context = C.KSTACK_CONTEXT_LOCAL
	// ContextCluster is a Kubernetes pod.
	ContextCluster Context = C.KSTACK_CONTEXT_CLUSTER
)

// String gives "local" or "cluster".
func (c Context) String() string {
	switch c {
	case ContextLocal:
		return "local"
	case ContextCluster:
		return "cluster"
	}
	return "unknown"
}

// IsInCluster tells whether the process runs in a Kubernetes pod; false where no library could be loaded.
func IsInCluster() bool {
	return bool(C.kstack_is_in_cluster())
}

// CurrentContext gives where the process runs; with build tag kstack_bundled neither of the two where no library could be
// loaded.
func CurrentContext() Context {
	return Context(C.kstack_current_context())
}

// ContextReason gives the signs by which the context was decided, as a sentence.
func ContextReason() string {
	if problem := libraryProblem(); problem != nil {
		return problem.message
	}
	return C.GoString(C.kstack_context_reason())
}

// Guard gives ErrEnvironment when the process does not run in the context that is required.
func Guard(required Context) error {
	var failure *C.kstack_error
	status := C.kstack_guard(C.kstack_context(required), &failure)
	return errorFrom(status, failure)
}
