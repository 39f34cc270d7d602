package kstack

// LogLevel is how much a line of the log matters.
type LogLevel int32

const (
	// LogDebug is for finding a fault.
	LogDebug LogLevel = 0
	// LogInfo is worth knowing.
	LogInfo LogLevel = 1
	// LogWarning: something was ignored, or is wrong.
	LogWarning LogLevel = 2
)

// String gives "debug", "info" or "warning".
func (l LogLevel) String() string {
	switch l {
	case LogDebug:
		return "debug"
	case LogInfo:
		return "info"
	case LogWarning:
		return "warning"
	}
	return "unknown"
}
