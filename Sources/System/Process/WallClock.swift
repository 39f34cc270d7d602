import Glibc

/// The time of day, which may go backwards.
public enum WallClock {
    /// Seconds since 1970.
    public static var seconds: Int { time(nil) }
}
