package kstack

// LogLevel is the level of a log line.
type LogLevel int32

const (
	// LogDebug is for debugging.
	LogDebug LogLevel = 0
	// LogInfo is worth knowing.
	LogInfo LogLevel = 1
	// LogWarning: something was ignored, or is wrong.
	LogWarning LogLevel = 2
)

// String returns "debug", "info" or "warning".
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
