import ArgumentParser
import Documents
import KStackAny
import KStackLocal
import Sodium
import System

/// Puts many values into YAML, in a constant number of passes.
struct ImportedText {
    /// How many entries may be changed one by one, which reads the whole file for each.
    private static let mostOneByOne = 1000

    /// A value to import.
    private struct Entry {
        let name: String
        let value: DocumentNode
    }

    /// The values to import: scalars under checked names.
    let values: Document

    /// The mapping that they go into; nil for that of the whole file.
    let service: String?

    /// The file that is changed, for messages.
    let path: String

    /// Where the values come from, for messages.
    let origin: String

    /// The file with all values in it; comments, order and all other bytes stay.
    func text(changing present: borrowing SecretBytes) throws(KStackError) -> SecretBytes {
        let old = try read(present)
        let target = mapping(in: old)
        let positions = positions(in: target)
        var added: [Entry] = []
        var replaced: [Int: Entry] = [:]
        for position in 0..<values.root.count {
            guard let (key, value) = values.root.entry(at: position), let name = key.string else { continue }
            let entry = Entry(name: name, value: value)
            guard let own = positions[Self.bytes(of: key)] else {
                added.append(entry)
                continue
            }
            // An equal value stays as it is written.
            if let there = target?.entry(at: own)?.value, there.isText,
                SecretBytes.constantTimeEquals(there.textSpan, value.textSpan)
            {
                continue
            }
            replaced[own] = entry
        }
        var rest: [Entry] = []
        var changed = try replacing(replaced, of: target, in: present, &rest)
        guard rest.count <= Self.mostOneByOne else {
            throw KStackError(
                .configuration,
                "\(path): \(rest.count) values of \(origin) can only be changed one by one, and at most "
                    + "\(Self.mostOneByOne) are; import fewer at a time"
            )
        }
        for entry in rest { changed = try setting(entry, in: changed) }
        changed = try adding(added, to: changed)
        try check(changed, against: old)
        return changed
    }

    // MARK: Changes

    /// Replaces values, each in the lines of its own entry; returns those for which that is not possible.
    private func replacing(
        _ entries: [Int: Entry],
        of target: DocumentNode?,
        in yaml: borrowing SecretBytes,
        _ rest: inout [Entry]
    ) throws(KStackError) -> SecretBytes {
        let text = yaml.span
        let starts = Self.lineStarts(of: text)
        var changed = try mapError(KStackError.memory, SecretBytes(minimumCapacity: yaml.count + 256))
        var end = 0
        for (position, entry) in entries.sorted(by: { $0.key < $1.key }) {
            // The end of the last entry is not known.
            guard let line = target?.entry(at: position)?.key.line,
                let next = target?.entry(at: position + 1)?.key.line,
                line >= 1, line < next, next <= starts.count, starts[line - 1] >= end
            else {
                rest.append(entry)
                continue
            }
            let place = starts[line - 1]..<starts[next - 1]
            let part = try Self.copy(of: text.extracting(place))
            guard let new = replacing(entry, inPart: part) else {
                rest.append(entry)
                continue
            }
            try Values.append(text.extracting(end..<place.lowerBound), to: &changed)
            try Values.append(new.span, to: &changed)
            end = place.upperBound
        }
        try Values.append(text.extracting(end..<text.count), to: &changed)
        return changed
    }

    /// Lines that hold one entry, with another value; nil where they do not.
    private func replacing(_ entry: Entry, inPart part: borrowing SecretBytes) -> SecretBytes? {
        do throws(KStackError) {
            let own = try read(part)
            guard own.root.kind == .mapping, own.root.count == 1, own.root[entry.name] != nil else { return nil }
            return try YAMLFile.setting([entry.name], to: Self.copy(of: entry.value.textSpan), in: part, path: path)
        } catch {
            return nil
        }
    }

    /// Changes one entry in the whole file.
    private func setting(_ entry: Entry, in yaml: borrowing SecretBytes) throws(KStackError) -> SecretBytes {
        let keys = [service, entry.name].compactMap { $0 }
        return try YAMLFile.setting(keys, to: Self.copy(of: entry.value.textSpan), in: yaml, path: path)
    }

    /// Adds new entries: the first one by the rules for any entry, the others after it.
    private func adding(_ entries: [Entry], to yaml: borrowing SecretBytes) throws(KStackError) -> SecretBytes {
        guard let first = entries.first else { return try Self.copy(of: yaml.span) }
        guard entries.count > 1 else { return try setting(first, in: yaml) }
        let start = try setting(first, in: yaml)
        let place = try mapError(
            KStackError.document(at: path),
            YAMLEntry.find([service, first.name].compactMap { $0 }, in: start.span)
        )
        guard case .present(let entry, _, _) = place else { throw notAlone() }
        let text = start.span
        var line = entry.lowerBound
        while line > 0, text[line - 1] != UInt8(ascii: "\n") { line -= 1 }
        var end = entry.upperBound
        while end < text.count, text[end] != UInt8(ascii: "\n") { end += 1 }
        var changed = try mapError(KStackError.memory, SecretBytes(minimumCapacity: text.count + 64 * entries.count))
        try Values.append(text.extracting(0..<end), to: &changed)
        let indent = String(repeating: " ", count: entry.lowerBound - line)
        for entry in entries.dropFirst() {
            try Values.append("\n\(indent)\(Values.quoted(entry.name)): ", to: &changed)
            try appendQuoted(entry.value, to: &changed)
        }
        try Values.append(text.extracting(end..<text.count), to: &changed)
        return changed
    }

    /// A value in double quotes, as JSON and YAML have it.
    private func appendQuoted(_ value: DocumentNode, to text: inout SecretBytes) throws(KStackError) {
        let form = try mapError(KStackError.document) { () throws(DocumentError) in
            var builder = try MappingBuilder()
            try builder.append("v".utf8.span, text: value.textSpan)
            return try builder.finish().root["v"]?.json()
        }
        guard let form else {
            throw KStackError(
                .invalidArgument,
                "\(origin), line \(value.line): the value is not UTF-8, which YAML cannot hold; use kstack encrypt"
            )
        }
        try Values.appendEscaping(form.span, to: &text)
    }

    // MARK: Checks

    /// Checks that the changed file, read as a look-up will read it, has the new values and is otherwise the same.
    private func check(_ yaml: borrowing SecretBytes, against old: Document) throws(KStackError) {
        let new = try read(yaml)
        if let service, !YAMLKey.areSame(old.root, new.root, but: [service]) { throw notAlone() }
        guard let target = mapping(in: new), target.kind == .mapping else { throw notAlone() }
        var wanted = Set<[UInt8]>()
        let positions = positions(in: target)
        for position in 0..<values.root.count {
            guard let (key, value) = values.root.entry(at: position) else { continue }
            let name = Self.bytes(of: key)
            wanted.insert(name)
            guard let own = positions[name], let there = target.entry(at: own)?.value, there.isText,
                SecretBytes.constantTimeEquals(there.textSpan, value.textSpan)
            else { throw notAlone() }
        }
        let before = mapping(in: old).map { others(of: $0, than: wanted) } ?? []
        let after = others(of: target, than: wanted)
        guard before.count == after.count else { throw notAlone() }
        for (one, other) in zip(before, after)
        where one.name != other.name || !YAMLKey.areSame(one.value, other.value, but: []) {
            throw notAlone()
        }
    }

    private func others(of mapping: DocumentNode, than names: Set<[UInt8]>) -> [(name: [UInt8], value: DocumentNode)] {
        guard mapping.kind == .mapping else { return [] }
        return (0..<mapping.count).compactMap { position in
            guard let (key, value) = mapping.entry(at: position) else { return nil }
            let name = Self.bytes(of: key)
            return names.contains(name) ? nil : (name, value)
        }
    }

    private func notAlone() -> KStackError {
        KStackError(.configuration, "\(path): cannot be changed without changing more; use kstack edit \(path)")
    }

    // MARK: Reading

    private func read(_ yaml: borrowing SecretBytes) throws(KStackError) -> Document {
        do throws(DocumentError) {
            return try Document.parse(yaml: yaml.span)
        } catch {
            throw KStackError(.configuration, "\(path): \(error.description); correct it with kstack edit \(path)")
        }
    }

    /// The node that the values go into.
    private func mapping(in document: Document) -> DocumentNode? {
        guard let service else { return document.root }
        return document.root.kind == .mapping ? document.root[service] : nil
    }

    private func positions(in mapping: DocumentNode?) -> [[UInt8]: Int] {
        guard let mapping, mapping.kind == .mapping else { return [:] }
        var positions: [[UInt8]: Int] = [:]
        for position in 0..<mapping.count {
            if let key = mapping.entry(at: position)?.key { positions[Self.bytes(of: key)] = position }
        }
        return positions
    }

    private static func lineStarts(of text: Span<UInt8>) -> [Int] {
        var starts = [0]
        for index in text.indices where text[index] == UInt8(ascii: "\n") { starts.append(index + 1) }
        return starts
    }

    /// The bytes of a name; to Swift's strings two spellings of an accent are equal.
    private static func bytes(of key: DocumentNode) -> [UInt8] {
        let text = key.textSpan
        return text.indices.map { text[$0] }
    }

    private static func copy(of bytes: Span<UInt8>) throws(KStackError) -> SecretBytes {
        try mapError(KStackError.memory, SecretBytes(copying: bytes))
    }
}
