// swift-tools-version: 6.2

import PackageDescription

// MARK: - Package

let package = Package(
    name: "kusto-spool",
    products: [],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0")
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

        // MARK: IngestionModel

        .target(name: "IngestionModel", dependencies: ["KustoWire", "SpoolPrimitives"]),
        .testTarget(name: "IngestionModelTests", dependencies: ["IngestionModel", "KustoWire", "SpoolPrimitives"]),

        // MARK: KustoWire

        .target(name: "KustoWire", dependencies: ["SpoolPrimitives"]),

        // MARK: Ledger

        .target(
            name: "Ledger",
            dependencies: ["IngestionModel", "KustoWire", "SpoolPrimitives", .product(name: "GRDB", package: "GRDB.swift")]),

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
