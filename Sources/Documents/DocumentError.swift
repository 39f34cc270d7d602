public import Sodium

/// Why a file cannot be read as a document.
///
/// Lines and columns count from 1; no case holds input.
public enum DocumentError: Error, Equatable {
    /// The file is not YAML. The problem is libyaml's own fixed text.
    case syntax(line: Int, column: Int, problem: String)

    /// A tab where none is allowed, as in indentation.
    case tab(line: Int)

    /// YAML takes part of the text for syntax, which would silently change the value.
    case dropped(line: Int, sign: Sign)

    /// The text is not JSON, or has a number that is too large.
    case notJSON(line: Int, column: Int)

    /// The file holds bytes that are not UTF-8.
    case notUTF8

    /// Sequences and mappings are nested beyond the limit, with or without aliases.
    case tooDeep

    /// The document has more values than the limit allows, aliases expanded.
    case tooManyNodes

    /// The file, or its strings with aliases expanded, has more bytes than the limit allows.
    case tooLarge

    /// A mapping has this key already.
    case duplicateKey(line: Int)

    /// The key is the merge key `<<`.
    case mergeKey(line: Int)

    /// A tag other than `!`, `!!str`, `!!seq` and `!!map` on a value of its kind, or a long list of `%TAG` lines.
    case tag(line: Int)

    /// A mapping has a sequence or a mapping for a key.
    case keyNotScalar(line: Int)

    /// A key has a NUL in it, so no C string can represent it.
    case keyHoldsNUL(line: Int)

    /// A second document begins.
    case severalDocuments(line: Int)

    /// The alias has no anchor before it.
    case unknownAlias(line: Int)

    /// The alias is inside the value that it names.
    case recursiveAlias(line: Int)

    /// There was no memory for the document.
    case memory(SodiumError)

    /// The syntax that a part of a value is taken for.
    public enum Sign: Sendable {
        /// `&` with no alias that uses the name.
        case anchor

        /// ` #` without a space behind it, in place of a value.
        case comment

        /// A lone `!`.
        case tag
    }
}

extension DocumentError: CustomStringConvertible {
    /// The problem and what to do about it, in one line.
    public var description: String {
        switch self {
        case .syntax(let line, let column, let problem):
            "line \(line), column \(column): not valid YAML (\(problem))"
        case .tab(let line):
            "line \(line): tabs cannot be used for indentation; use spaces"
        case .dropped(let line, .anchor):
            "line \(line): '&' begins an anchor in YAML, and no alias uses it; if it is part of the value, put it in quotes"
        case .dropped(let line, .comment):
            "line \(line): ' #' begins a comment in YAML; if it is part of the value, put it in quotes, else put a "
                + "space after the '#'"
        case .dropped(let line, .tag):
            "line \(line): '!' is a tag in YAML, not a value; put it in quotes"
        case .notJSON(let line, let column):
            "line \(line), column \(column): not valid JSON"
        case .notUTF8:
            "the file is not valid UTF-8: save it in that encoding"
        case .tooDeep:
            "the values are nested too deeply: flatten them, or remove aliases"
        case .tooManyNodes:
            "the document has too many values, aliases included: split the file, or remove aliases"
        case .tooLarge:
            "the document is too large, aliases included: split the file, or remove aliases"
        case .duplicateKey(let line):
            "line \(line): duplicate key; remove one"
        case .mergeKey(let line):
            "line \(line): the merge key '<<' is not supported; write the keys out, or put it in quotes"
        case .tag(let line):
            "line \(line): unsupported tag; remove it (only !!str, !!seq and !!map are known), or put the value in quotes"
        case .keyNotScalar(let line):
            "line \(line): a key must be a string, not a sequence or a mapping"
        case .keyHoldsNUL(let line):
            "line \(line): a key must not contain a NUL character"
        case .severalDocuments(let line):
            "line \(line): a second document begins; keep one document to a file"
        case .unknownAlias(let line):
            "line \(line): '*' begins an alias in YAML, and there is no such anchor before it; put the value in quotes"
        case .recursiveAlias(let line):
            "line \(line): the alias names a value that it is part of; write the value out"
        case .memory(let error):
            error == .unavailable
                ? "the system has no random numbers, which secret memory needs: check /dev/urandom"
                : "no memory for the document: free some, or raise the limit"
        }
    }
}
