import CHost

/// Pieces of work on all processors that the library does not use otherwise.
public enum Share {
    /// Whether other threads would take pieces now.
    public static var hasHelpers: Bool { chost_has_helpers() }

    /// Runs `piece` for each index below `count`, and `beside` on this thread; all have ended when it returns.
    ///
    /// Several threads run pieces at once, so each may change only what is its own.
    public static func run(_ count: Int, beside: () -> Void = {}, _ piece: (Int) -> Void) {
        // The check of withoutActuallyEscaping holds the length of this file's path, whatever the path is mapped to: two
        // builds in two folders would differ.
        #sourceLocation(file:"Share.run",line:1)
        withoutActuallyEscaping(beside) { beside in
            withoutActuallyEscaping(piece) { piece in
                // This thread takes the first.
                let all = { (index: Int) in index == 0 ? beside() : piece(index - 1) }
                unsafe withUnsafePointer(to: all) { all in
                    unsafe chost_share(
                        count + 1,
                        { context, index in
                            unsafe context?.assumingMemoryBound(to: ((Int) -> Void).self).pointee(index)
                        },
                        UnsafeMutableRawPointer(mutating: all)
                    )
                }
            }
        }
        #sourceLocation()
    }
}
