// swift-tools-version: 6.2
import PackageDescription

// Fetches the sources of BoringSSL as swift-crypto pins them; Sources/CXWing/build compiles what X-Wing needs. It is a
// package of its own, so the main one builds without a network, and without BoringSSL where that is not wanted.
let package = Package(
    name: "boringssl",
    dependencies: [.package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2")]
)
