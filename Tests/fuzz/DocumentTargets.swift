import Documents
import Glibc
import Sodium
import System

@testable import KStackLocal

/// YAML: visits the whole tree, and reads its JSON as YAML again if it is ASCII.
func checkYAML(_ bytes: [UInt8]) {
    guard let root = try? Document.parse(yaml: bytes.span).root else { return }
    visit(root)
    let text = json(of: root)
    require((try? UTF8Span(validating: text.span)) != nil, "JSON is UTF-8")
    // Beyond ASCII libyaml has line breaks that JSON writes unescaped; some strings are not YAML, such as long keys.
    guard text.allSatisfy({ $0 < 0x7f }), let again = try? Document.parse(yaml: text.span).root else { return }
    require(json(of: again) == text, "JSON is read back")
}

/// JSON: visits the whole tree, and reads what was written as the same.
func checkJSON(_ bytes: [UInt8]) {
    guard let root = try? Document.parse(json: bytes.span).root else { return }
    visit(root)
    let text = json(of: root)
    guard let again = try? Document.parse(json: text.span).root else { fatalError("JSON is not read back") }
    require(json(of: again) == text, "JSON is read back")
}

/// Returns the JSON of a tree, which exists since what was parsed is UTF-8.
private func json(of root: DocumentNode) -> [UInt8] {
    demand("a tree has JSON") {
        guard let json = try root.json() else { fatalError("a tree has no JSON") }
        return array(json)
    }
}

/// Reads every property of a value.
private func visit(_ node: DocumentNode) {
    require(node.isUTF8 && node.line > 0, "a value is UTF-8 on a line")
    _ = node.string
    require(node.entry(at: node.count) == nil && node.element(at: node.count) == nil, "nothing is past the end")
    require(node.entry(at: -1) == nil && node.element(at: -1) == nil, "nothing is before the start")
    for position in 0..<node.count {
        if let entry = node.entry(at: position) {
            visit(entry.key)
            visit(entry.value)
            require(node.value(of: entry.key.textSpan) != nil, "a key is found")
        } else if let element = node.element(at: position) {
            visit(element)
        } else {
            fatalError("a child is missing")
        }
    }
}

/// A file in the scratch folder, made once and rewritten for each input.
private enum ProjectScratch {
    static let folder = Scratch.path + "/project-file"

    static let descriptor: CInt = {
        mkdir(folder, 0o700)
        return open(folder + "/" + ProjectFile.name, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    }()
}

/// `.kstack.yaml`.
func checkProjectFile(_ bytes: [UInt8]) {
    let descriptor = ProjectScratch.descriptor
    require(pwrite(descriptor, bytes, bytes.count, 0) == bytes.count, "the scratch file is written")
    require(ftruncate(descriptor, bytes.count) == 0, "the scratch file is cut")
    let folder = demand("the folder opens") { try Directory.open(path: ProjectScratch.folder) }
    let opened = demand("the file opens") { try folder.file(ProjectFile.name) }
    guard let file = try? ProjectFile(opened, folder: folder.path) else { return }
    for path in [file.vault, file.config] {
        guard let path else { continue }
        // By bytes: an accent would combine with the slash to one character.
        require(path.utf8.first == UInt8(ascii: "/") && !path.utf8.contains(0), "a path is absolute")
    }
    for name in [file.environment, file.team] {
        guard let name else { continue }
        require((1...63).contains(name.text.utf8.count), "a name is valid")
    }
    _ = try? file.route()
}

/// The state file: what was read is written and read back as the same.
func checkState(_ bytes: [UInt8]) {
    guard let state = try? VaultState.parse(bytes.span) else { return }
    let text = demand("there is memory") { Array(try state.text()) }
    guard let again = try? VaultState.parse(text.span) else { fatalError("a state that was written is not read") }
    let written = demand("there is memory") { Array(try again.text()) }
    require(again.isSame(as: state) && written == text, "a state is read back")
    require(text.count == bytes.count, "nothing is ignored")
}
