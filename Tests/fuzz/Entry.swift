// The entry point of libFuzzer. The program's own name selects the target: Tests/fuzz/run makes a link for each.

import Glibc

/// Every target, by name.
private let targets: [String: Target] = [
    "age-header": checkHeader,
    "age-file": checkFile,
    "armor": checkArmor,
    "bech32": checkBech32,
    "c-api": checkCalls,
    "configuration": checkConfiguration,
    "hybrid-stanza": checkHybridStanza,
    "identities": checkIdentities,
    "json": checkJSON,
    "project-file": checkProjectFile,
    "recipients": checkRecipients,
    "state": checkState,
    "yaml": checkYAML,
]

/// The target selected by the program's name.
private let target: Target = {
    let program = CommandLine.arguments[0].split(separator: "/").last.map(String.init) ?? ""
    guard let target = targets[program] else {
        print("run this program through a link that has one of the names \(targets.keys.sorted())")
        exit(2)
    }
    return target
}()

/// Runs one input.
@_cdecl("LLVMFuzzerTestOneInput")
public func runInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    target(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
