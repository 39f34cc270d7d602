import ArgumentParser
import Documents
import KStackAny
import KStackLocal
import Sodium
import System

/// `kstack import`.
struct Import: ParsableCommand {
    /// The format of the input.
    enum Form: String, ExpressibleByArgument, CaseIterable {
        case env
        case json
        case yaml
    }

    static let configuration = CommandConfiguration(
        abstract: "Import a .env file, JSON or YAML into the vault, without a plaintext file.",
        discussion: """
            Examples:
              kstack import --layer layer3 --service s3 .env
              sops -d old.yaml | kstack import --layer layer3 --format yaml -
            """
    )

    @OptionGroup var session: Session
    @OptionGroup var layer: LayerOption

    @Option(
        name: [.customShort("s"), .long],
        help: "The service; without one the values are secrets of the layer (app.yaml)."
    )
    var service: String?

    @Option(help: "env, json or yaml; default: by the name of the file, else env.")
    var format: Form?

    @Option(help: "The team whose recipients the file is written for.")
    var team: String?

    @Argument(help: "The file; - or nothing is standard input.")
    var file: String?

    func run() throws {
        let source = file == "-" ? nil : file
        if let service { _ = try Name(service, kind: "a service") }
        try take(source, into: session.vault())
    }

    private func take(_ source: String?, into vault: Vault) throws(KStackError) {
        let content = try mapError(KStackError.file) { () throws(FileError) in
            // The result must be readable again as a file of the vault.
            let limit = DocumentLimits.standard.bytes
            guard let source else { return try StandardStream.input.readAll(limit: limit) }
            return try OpenFile.open(path: source).readAll(limit: limit)
        }
        let origin = source ?? "standard input"
        let values = try read(content, format ?? Self.form(of: source ?? ""), origin)
        let layer = try layer.parsed()
        let name = service == nil ? "app.yaml" : "cloud-credentials.yaml"
        let path = "\(layer.name)/\(name)"
        guard values.root.count > 0 else { throw KStackError(.configuration, "\(origin) has no value to import") }
        // Checked before the vault is locked.
        for position in 0..<values.root.count {
            guard let (key, value) = values.root.entry(at: position) else { continue }
            _ = try Self.name(of: key, value, "\(origin), line \(key.line)")
        }
        try vault.change(layer, name, team: Parsing.name(team, "a team")) { (present) throws(KStackError) in
            try ImportedText(values: values, service: service, path: path, origin: origin).text(changing: present)
        }
        Output.tell("written  \(path): \(values.root.count) values")
        YAMLFile.tellOfPlaintext(vault, layer, name)
    }

    /// The name of an entry that can be imported.
    private static func name(
        of key: DocumentNode,
        _ value: DocumentNode,
        _ place: String
    ) throws(KStackError) -> String {
        let unwanted: [Unicode.GeneralCategory] = [.control, .format, .lineSeparator, .paragraphSeparator]
        guard let name = key.string, !name.isEmpty,
            !name.unicodeScalars.contains(where: { unwanted.contains($0.properties.generalCategory) })
        else {
            throw KStackError(
                .configuration,
                "\(place): the name is empty or has a line break or other control characters in it; rename it"
            )
        }
        switch value.kind {
        case .scalar: return name
        case .null:
            throw KStackError(
                .configuration,
                "\(place): \(KStackError.quoted(name)) is null; give it a value (\"\" is the empty one), or leave it out"
            )
        case .mapping, .sequence:
            throw KStackError(
                .configuration,
                "\(place): \(KStackError.quoted(name)) is nested; import its parts one by one"
            )
        }
    }

    private static func form(of name: String) -> Form {
        if name.hasByteSuffix(".json") { return .json }
        return name.hasByteSuffix(".yaml") || name.hasByteSuffix(".yml") ? .yaml : .env
    }

    private func read(_ content: borrowing SecretBytes, _ form: Form, _ name: String) throws(KStackError) -> Document {
        let document: Document
        do throws(DocumentError) {
            switch form {
            // JSON is YAML as well, and this reader keeps numbers as they are written.
            case .json, .yaml: document = try Document.parse(yaml: content.span)
            case .env: document = try DotenvFile.parse(content.span)
            }
        } catch {
            if form == .env, case .syntax(let line, let column, let problem) = error {
                throw KStackError(.configuration, "\(name), line \(line), column \(column): \(problem)")
            }
            throw KStackError(.configuration, "\(name): \(error.description)")
        }
        guard document.root.kind == .mapping else {
            throw KStackError(.configuration, "\(name) must be a mapping of names to values")
        }
        return document
    }
}
