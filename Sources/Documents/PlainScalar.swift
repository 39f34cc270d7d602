/// The kind of a scalar that is neither quoted nor tagged.
///
/// Numbers, dates and booleans stay strings, as they are in a Kubernetes Secret.
func plainKind(of text: Span<UInt8>) -> Node.Kind {
    switch text.count {
    case 0: .null
    case 1: text[0] == UInt8(ascii: "~") ? .null : .scalar
    case 2: text.equals("<<".utf8.span) ? .merge : .scalar
    case 4:
        text.equals("null".utf8.span) || text.equals("Null".utf8.span) || text.equals("NULL".utf8.span)
            ? .null : .scalar
    default: .scalar
    }
}
