// swift-tools-version: 6.2

import PackageDescription

// MARK: - Package

let package = Package(
    name: "kusto-spool",
    products: [],
    dependencies: [
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2")
    ],
    targets: [
        // MARK: C libraries (header-only modules; the Debian packages are listed in the Makefile)

        .systemLibrary(name: "CCurl"),
        .systemLibrary(name: "CISAL"),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "COpenSSL"),
        .systemLibrary(name: "CSystemd"),
        .systemLibrary(name: "CZlib"),

        // MARK: HTTPTransport

        .target(name: "HTTPTransport", dependencies: ["SpoolPrimitives"]),

        // MARK: KustoIngest

        .target(name: "KustoIngest", dependencies: ["HTTPTransport", "KustoWire", "SpoolPrimitives"]),
        .testTarget(name: "KustoIngestTests", dependencies: ["HTTPTransport", "KustoIngest", "KustoWire", "SpoolPrimitives"]),

        // MARK: KustoWire

        .target(name: "KustoWire", dependencies: ["SpoolPrimitives"]),
        .testTarget(name: "KustoWireTests", dependencies: ["KustoWire", "SpoolPrimitives"]),

        // MARK: SpoolConfiguration

        .target(
            name: "SpoolConfiguration", dependencies: ["KustoWire", "SpoolPrimitives", .product(name: "Yams", package: "Yams")]),
        .testTarget(name: "SpoolConfigurationTests", dependencies: ["KustoWire", "SpoolConfiguration", "SpoolPrimitives"]),

        // MARK: SpoolPrimitives

        .target(name: "SpoolPrimitives", dependencies: ["CLinux"]),
        .testTarget(name: "SpoolPrimitivesTests", dependencies: ["SpoolPrimitives"]),
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
