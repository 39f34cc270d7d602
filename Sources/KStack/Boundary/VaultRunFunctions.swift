// The functions are documented in the C header, which also gives their names.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CKStack
import KStackAny
import KStackLocal
import Sodium

/// A report as C holds it.
final class ReportObject: Sendable {
    private let paths: StringList
    private let messages: StringList
    private let results: FallibleArray<kstack_vault_result>
    private let flags: FallibleArray<UInt32>

    init(_ report: VaultReport) throws(KStackError) {
        let entries = report.entries.lazy
        paths = try StringList(entries.map(\.path))
        messages = try StringList(entries.map { $0.message })
        let flags = entries.map { entry in
            (entry.isReadable ? KSTACK_VAULT_FILE_READABLE : 0) | (entry.isCurrent ? KSTACK_VAULT_FILE_CURRENT : 0)
                | (entry.isPostQuantum ? KSTACK_VAULT_FILE_POST_QUANTUM : 0)
        }
        let results = entries.map { entry in
            switch entry.result {
            case .unchanged: KSTACK_VAULT_UNCHANGED
            case .written: KSTACK_VAULT_WRITTEN
            case .conflict: KSTACK_VAULT_CONFLICT
            case .failed: KSTACK_VAULT_FAILED
            case .stale: KSTACK_VAULT_STALE
            case .encrypted: KSTACK_VAULT_ENCRYPTED
            case .decrypted: KSTACK_VAULT_DECRYPTED
            case .edited: KSTACK_VAULT_EDITED
            case .inClear: KSTACK_VAULT_IN_CLEAR
            }
        }
        self.flags = try mapError(KStackError.memory, FallibleArray(flags))
        self.results = try mapError(KStackError.memory, FallibleArray(results))
    }

    /// How many files there are.
    var count: Int { results.count }

    /// The result for a file.
    func result(at index: Int) -> kstack_vault_result {
        results.indices.contains(index) ? results[index] : KSTACK_VAULT_FAILED
    }

    /// The flags of a file.
    func flags(at index: Int) -> UInt32 {
        flags.indices.contains(index) ? flags[index] : 0
    }

    /// The address of a path; nil past the end.
    func path(at index: Int) -> UnsafePointer<CChar>? {
        unsafe paths.address(at: index)
    }

    /// The address of a message; nil past the end.
    func message(at index: Int) -> UnsafePointer<CChar>? {
        unsafe messages.address(at: index)
    }
}

@_cdecl("kstack_vault_decrypt") @implementation
public func kstack_vault_decrypt(
    _ vault: OpaquePointer?,
    _ options: UnsafePointer<kstack_vault_options>?,
    _ report: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe report?.pointee = nil
    return unsafe Call.run(error) { () throws(KStackError) in
        let object: VaultObject = unsafe try Argument.handle(vault, "vault")
        let options = unsafe try VaultOptions(
            kstack_vault_options.read(options, "options"),
            allowing: KSTACK_VAULT_OVERWRITE
        )
        unsafe try conclude(object.vault.decrypt(options), report)
    }
}

@_cdecl("kstack_vault_encrypt") @implementation
public func kstack_vault_encrypt(
    _ vault: OpaquePointer?,
    _ options: UnsafePointer<kstack_vault_options>?,
    _ report: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe report?.pointee = nil
    return unsafe Call.run(error) { () throws(KStackError) in
        let object: VaultObject = unsafe try Argument.handle(vault, "vault")
        let options = unsafe try VaultOptions(
            kstack_vault_options.read(options, "options"),
            allowing: KSTACK_VAULT_OVERWRITE
        )
        unsafe try conclude(object.vault.encrypt(options), report)
    }
}

@_cdecl("kstack_vault_rekey") @implementation
public func kstack_vault_rekey(
    _ vault: OpaquePointer?,
    _ options: UnsafePointer<kstack_vault_options>?,
    _ report: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe report?.pointee = nil
    return unsafe Call.run(error) { () throws(KStackError) in
        let object: VaultObject = unsafe try Argument.handle(vault, "vault")
        let read = unsafe try kstack_vault_options.read(options, "options")
        let options = unsafe try VaultOptions(read, allowing: KSTACK_VAULT_CHECK)
        unsafe try conclude(object.vault.rekey(options), report)
    }
}

@_cdecl("kstack_vault_status") @implementation
public func kstack_vault_status(
    _ vault: OpaquePointer?,
    _ options: UnsafePointer<kstack_vault_options>?,
    _ report: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe report?.pointee = nil
    return unsafe Call.run(error) { () throws(KStackError) in
        let object: VaultObject = unsafe try Argument.handle(vault, "vault")
        let options = unsafe try VaultOptions(kstack_vault_options.read(options, "options"), allowing: 0)
        unsafe try conclude(object.vault.status(options), report)
    }
}

@_cdecl("kstack_vault_report_count") @implementation
public func kstack_vault_report_count(_ report: OpaquePointer?) -> Int {
    Call.access(else: 0) { unsafe Handle.object(report, as: ReportObject.self)?.count ?? 0 }
}

@_cdecl("kstack_vault_report_path") @implementation
public func kstack_vault_report_path(_ report: OpaquePointer?, _ index: Int) -> UnsafePointer<CChar>? {
    unsafe Call.access(else: nil) {
        unsafe Handle.object(report, as: ReportObject.self)?.path(at: index)
    }
}

@_cdecl("kstack_vault_report_result") @implementation
public func kstack_vault_report_result(_ report: OpaquePointer?, _ index: Int) -> kstack_vault_result {
    Call.access(else: KSTACK_VAULT_FAILED) {
        unsafe Handle.object(report, as: ReportObject.self)?.result(at: index) ?? KSTACK_VAULT_FAILED
    }
}

@_cdecl("kstack_vault_report_message") @implementation
public func kstack_vault_report_message(_ report: OpaquePointer?, _ index: Int) -> UnsafePointer<CChar>? {
    unsafe Call.access(else: nil) {
        unsafe Handle.object(report, as: ReportObject.self)?.message(at: index)
    }
}

@_cdecl("kstack_vault_report_flags") @implementation
public func kstack_vault_report_flags(_ report: OpaquePointer?, _ index: Int) -> UInt32 {
    Call.access(else: 0) {
        unsafe Handle.object(report, as: ReportObject.self)?.flags(at: index) ?? 0
    }
}

@_cdecl("kstack_vault_report_free") @implementation
public func kstack_vault_report_free(_ report: OpaquePointer?) {
    unsafe Handle.free(report, as: ReportObject.self)
}

/// Gives a report to the caller, and throws the error of the run.
private func conclude(
    _ result: VaultReport,
    _ report: UnsafeMutablePointer<OpaquePointer?>?
) throws(KStackError) {
    if let report = unsafe report { unsafe report.pointee = try Handle.make(ReportObject(result)) }
    if let failure = result.failure { throw failure }
}

extension VaultOptions {
    /// Reads the caller's options.
    ///
    /// - Throws: `invalidArgument` for strings that are not UTF-8, a NULL among the paths, or unknown flags.
    fileprivate init(_ options: kstack_vault_options, allowing known: UInt32) throws(KStackError) {
        guard unsafe options.flags & ~known == 0 else {
            throw KStackError(
                .invalidArgument,
                "options.flags sets a flag that this function does not take; \(Self.advice(known))"
            )
        }
        self.init(
            team: unsafe try Argument.team(options.team, "options.team"),
            files: unsafe try Self.paths(options.files, count: options.file_count),
            overwrites: unsafe options.flags & KSTACK_VAULT_OVERWRITE != 0,
            checksOnly: unsafe options.flags & KSTACK_VAULT_CHECK != 0
        )
    }

    private static func advice(_ known: UInt32) -> String {
        switch known {
        case KSTACK_VAULT_OVERWRITE: "use 0 or KSTACK_VAULT_OVERWRITE"
        case KSTACK_VAULT_CHECK: "use 0 or KSTACK_VAULT_CHECK"
        default: "use 0"
        }
    }

    private static func paths(
        _ pointers: UnsafePointer<UnsafePointer<CChar>?>?,
        count: Int
    ) throws(KStackError) -> FallibleArray<String>? {
        guard let pointers = unsafe pointers else {
            guard count == 0 else { throw Argument.missing("options.files") }
            return nil
        }
        guard (0...100_000).contains(count) else {
            throw KStackError(.invalidArgument, "options.file_count is out of range; use at most 100000")
        }
        var paths = FallibleArray<String>()
        for index in 0..<count {
            let path = unsafe try Argument.string(pointers[index], "options.files[\(index)]")
            try mapError(KStackError.memory, paths.append(path))
        }
        return paths
    }
}
