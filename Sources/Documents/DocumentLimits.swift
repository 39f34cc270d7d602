/// The limits of one document; beyond them parsing stops with an error before it takes the memory.
///
/// Nodes and bytes are counted with every alias expanded, as a reader of the tree sees them: a few lines of aliases to
/// aliases can expand to billions of values.
public struct DocumentLimits: Sendable, Equatable {
    /// The largest depth that can be set: JSON is written recursively, on the stack of the host's thread.
    public static let greatestDepth = 512

    /// The limits for the files of vaults and configuration.
    public static let standard = DocumentLimits(depth: 64, nodes: 100_000, bytes: 16 << 20)

    /// How deep sequences and mappings may be nested.
    public let depth: Int

    /// How many values there may be; a key does not count on its own.
    public let nodes: Int

    /// How many bytes the file may have, and how many all keys and values with their NULs.
    public let bytes: Int

    /// Makes limits; a depth beyond `greatestDepth` is cut to it.
    public init(depth: Int, nodes: Int, bytes: Int) {
        self.depth = min(depth, DocumentLimits.greatestDepth)
        self.nodes = nodes
        self.bytes = bytes
    }
}
