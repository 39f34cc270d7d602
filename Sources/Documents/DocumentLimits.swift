/// How much one document may ask for; beyond it parsing stops with an error instead of taking the memory.
///
/// Nodes and bytes are counted as if every alias were written out, which is what a reader of the tree sees: a few lines
/// of aliases to aliases can otherwise stand for billions of values.
public struct DocumentLimits: Sendable, Equatable {
    /// The largest depth that can be asked for: JSON is written recursively, on whatever stack the host's thread has.
    public static let greatestDepth = 512

    /// What every file of a vault or a configuration is read with.
    public static let standard = DocumentLimits(depth: 64, nodes: 100_000, bytes: 16 << 20)

    /// How many sequences and mappings may lie within one another.
    public let depth: Int

    /// How many values there may be; a key does not count on its own.
    public let nodes: Int

    /// How many bytes the file may have, and how many all keys and values, each with the NUL behind it.
    public let bytes: Int

    /// Makes limits; a depth beyond `greatestDepth` is cut to it.
    public init(depth: Int, nodes: Int, bytes: Int) {
        self.depth = min(depth, DocumentLimits.greatestDepth)
        self.nodes = nodes
        self.bytes = bytes
    }
}
