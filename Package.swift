// swift-tools-version: 6.2

import PackageDescription

// MARK: - Package

let package = Package(
    name: "kusto-spool",
    products: [],
    dependencies: [],
    targets: [
        // MARK: C libraries (header-only modules; the Debian packages are listed in the Makefile)

        .systemLibrary(name: "CCurl"),
        .systemLibrary(name: "CISAL"),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "COpenSSL"),
        .systemLibrary(name: "CSystemd"),
        .systemLibrary(name: "CZlib"),

        // MARK: AzureStorage

        .target(name: "AzureStorage", dependencies: ["HTTPTransport", "OpenSSLCrypto", "SpoolPrimitives"]),
        .testTarget(
            name: "AzureStorageTests",
            dependencies: ["AzureStorage", "CurlTransport", "HTTPTransport", "OpenSSLCrypto", "SpoolPrimitives", "SpoolTestSupport"]),

        // MARK: CurlTransport

        .target(name: "CurlTransport", dependencies: ["CCurl", "CLinux", "HTTPTransport", "SpoolPrimitives"]),
        .testTarget(
            name: "CurlTransportTests", dependencies: ["CurlTransport", "HTTPTransport", "SpoolPrimitives", "SpoolTestSupport"]),

        // MARK: EntraAuth

        .target(name: "EntraAuth", dependencies: ["HTTPTransport", "SpoolPrimitives"]),
        .testTarget(
            name: "EntraAuthTests", dependencies: ["CurlTransport", "EntraAuth", "HTTPTransport", "SpoolPrimitives", "SpoolTestSupport"]),

        // MARK: Gzip

        .target(name: "Gzip", dependencies: ["CISAL", "CZlib", "SpoolPrimitives"]),
        .testTarget(name: "GzipTests", dependencies: ["CZlib", "Gzip", "SpoolPrimitives", "SpoolTestSupport"]),

        // MARK: HTTPTransport

        .target(name: "HTTPTransport", dependencies: ["SpoolPrimitives"]),

        // MARK: OpenSSLCrypto

        .target(name: "OpenSSLCrypto", dependencies: ["COpenSSL"]),
        .testTarget(name: "OpenSSLCryptoTests", dependencies: ["OpenSSLCrypto"]),

        // MARK: SpoolPrimitives

        .target(name: "SpoolPrimitives", dependencies: ["CLinux"]),
        .testTarget(name: "SpoolPrimitivesTests", dependencies: ["SpoolPrimitives"]),

        // MARK: SpoolTestSupport (tests only)

        .target(name: "SpoolTestSupport", dependencies: ["COpenSSL", "SpoolPrimitives"]),
    ],
    swiftLanguageModes: [.v6]
)

// MARK: - Settings: one set for every target

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .treatAllWarnings(as: .error),
    ]
}
