// swift-tools-version: 6.2
import PackageDescription

// Brings the sources of BoringSSL as swift-crypto pins them; Sources/CXWing/build compiles what X-Wing needs of them. A
// package of its own: the main one then builds without a network, and without BoringSSL where that is not wanted.
let package = Package(
    name: "boringssl",
    dependencies: [.package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2")]
)
