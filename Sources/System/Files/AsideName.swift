import Glibc
import Sodium

/// The name of a file that was moved aside: `.kstack-tmp-<random>-<mark>.<target>`.
///
/// The mark distinguishes our new file from the one that it replaces, whichever has this name when a run is killed.
struct AsideName: Equatable {
    /// The name that the file had, or is to have.
    let target: String

    /// The mark of our new file (`FileVersion.mark`); that of no file where nothing replaces the old one.
    let mark: String

    /// The name in the folder.
    let text: String

    private static let none = String(repeating: "0", count: 16)

    /// Makes an unused name.
    init(target: String, mark: String?) {
        let random = (try? Random.bytes(count: 4)) ?? []
        self.target = target
        self.mark = mark ?? Self.none
        text = "\(TemporaryFile.prefix)\(Hexadecimal.text(of: random.span))-\(self.mark).\(target)"
    }

    /// Parses such a name; nil for any other.
    init?(parsing name: String) {
        let rest = name.utf8.dropFirst(TemporaryFile.prefix.utf8.count)
        let parts = rest.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard name.utf8.starts(with: TemporaryFile.prefix.utf8), parts.count == 2, let target = String(parts[1]),
            !target.isEmpty
        else { return nil }
        let numbers = parts[0].split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard numbers.count == 2, numbers[1].count == Self.none.utf8.count, let mark = String(numbers[1]) else {
            return nil
        }
        self.target = target
        self.mark = mark
        text = name
    }
}
