// swift-tools-version: 6.2
import PackageDescription

/// The settings of every Swift target.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    // Without this, one use by chance would bring regular expressions and tasks into the library: 2 MB.
    .unsafeFlags(
        ["string-processing", "concurrency"].flatMap { ["-Xfrontend", "-disable-implicit-\($0)-module-import"] }
    ),
]

/// For the targets that also hand out spans of memory that they own.
let spanSettings = settings + [.enableExperimentalFeature("Lifetimes")]

/// Tests call C and pass literal pointers; strict memory safety is not for them.
let testSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .treatAllWarnings(as: .error),
]

/// Whether X-Wing is built in; `make PQ=0` leaves it out.
let hasXWing = Context.environment["KSTACK_PQ"] != "0"

let package = Package(
    name: "kstack",
    products: [
        // libKStack.so; `make` gives the library its final name.
        .library(name: "KStack", type: .dynamic, targets: ["KStack"]),
        .executable(name: "kstack", targets: ["KStackCommand"]),
    ],
    dependencies: [
        // One version, so that two builds of a commit are the same.
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2")
    ],
    targets: [
        // C libraries and headers. Each system module has one importer; `make lint` checks that.
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CJansson", pkgConfig: "jansson", providers: [.apt(["libjansson-dev"])]),
        .systemLibrary(name: "CKStack", path: "Include"),
        .target(name: "CHost"),
        .target(name: "CPod"),
        .target(name: "CCurl", dependencies: ["CHost"]),

        // The building blocks, which know nothing of kstack.
        .target(name: "Sodium", dependencies: ["CHost", "CSodium"], swiftSettings: spanSettings),
        .target(name: "System", dependencies: ["CHost", "Sodium"], swiftSettings: settings),
        .target(name: "Documents", dependencies: ["CYAML", "CJansson", "Sodium"], swiftSettings: spanSettings),
        // With the archive that `make build/xwing/libcxwing.a` makes.
        .target(
            name: "XWing",
            dependencies: hasXWing ? ["Sodium", "CXWing"] : ["Sodium"],
            swiftSettings: settings + (hasXWing ? [.define("XWING")] : []),
            linkerSettings: hasXWing ? [.unsafeFlags(["-L\(Context.packageDirectory)/build/xwing"])] : []
        ),
        .target(name: "Age", dependencies: ["Sodium", "XWing"], swiftSettings: settings),

        // kstack itself.
        .target(name: "KStackAny", dependencies: ["Sodium", "Documents", "System"], swiftSettings: settings),
        .target(
            name: "KStackLocal",
            dependencies: ["KStackAny", "Age", "Documents", "System", "Sodium"],
            swiftSettings: settings
        ),
        .target(
            name: "KStackCluster",
            dependencies: ["KStackAny", "CCurl", "Documents", "System", "Sodium"],
            swiftSettings: settings
        ),
        .target(
            name: "KStack",
            dependencies: [
                "CHost", "CKStack", "CPod", "Sodium", "Documents", "System", "Age", "KStackAny", "KStackLocal",
                "KStackCluster",
            ],
            swiftSettings: settings
        ),

        // The program for developers' machines.
        .executableTarget(
            name: "KStackCommand",
            dependencies: [
                "KStack", "KStackAny", "KStackLocal", "KStackCluster", "Age", "Documents", "System", "Sodium",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings
        ),

        // Tests.
        .systemLibrary(
            name: "CZlib",
            path: "Tests/support/CZlib",
            pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"])]
        ),
        .target(
            name: "TestSupport",
            dependencies: ["Sodium"],
            path: "Tests/support/TestSupport",
            swiftSettings: testSettings
        ),
        .target(
            name: "ByteArrays",
            dependencies: ["Age"],
            path: "Tests/support/ByteArrays",
            swiftSettings: testSettings
        ),
        .testTarget(name: "SodiumTests", dependencies: ["Sodium"], swiftSettings: testSettings),
        .testTarget(name: "XWingTests", dependencies: ["XWing", "Sodium"], swiftSettings: testSettings),
        .testTarget(
            name: "SystemTests",
            dependencies: ["System", "Sodium", "TestSupport"],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "DocumentsTests",
            dependencies: ["Documents", "Sodium", "TestSupport"],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "AgeTests",
            dependencies: ["Age", "ByteArrays", "Sodium", "XWing", "CZlib", "TestSupport"],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "KStackAnyTests",
            dependencies: ["KStackAny", "Documents", "Sodium", "TestSupport"],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "KStackLocalTests",
            dependencies: [
                "KStackLocal", "KStackAny", "Age", "ByteArrays", "Documents", "System", "Sodium", "TestSupport",
            ],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "KStackClusterTests",
            dependencies: ["KStackCluster", "KStackAny", "Documents", "System", "Sodium", "TestSupport"],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "KStackTests",
            dependencies: [
                "KStack", "CKStack", "KStackAny", "KStackLocal", "KStackCluster", "System", "Sodium", "TestSupport",
            ],
            swiftSettings: testSettings
        ),
    ]
)

// Needs the flags of libFuzzer, which only this build has; Tests/fuzz/run sets the variable.
if Context.environment["KSTACK_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "KStackFuzz",
            dependencies: [
                "KStack", "CKStack", "KStackAny", "KStackLocal", "Age", "XWing", "Documents", "System", "Sodium",
                "ByteArrays",
            ],
            path: "Tests/fuzz",
            exclude: ["run", "seeds"],
            swiftSettings: testSettings
        )
    )
}

if hasXWing { package.targets.append(.systemLibrary(name: "CXWing")) }
