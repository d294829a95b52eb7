// swift-tools-version: 6.2

import PackageDescription

// MARK: - Package

let package = Package(
    name: "kusto-spool",
    products: [
        .executable(name: "kusto-emulator", targets: ["kusto-emulator"])
    ],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
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

        // MARK: KustoEmulator (shares no module with the daemon)

        .executableTarget(
            name: "kusto-emulator",
            dependencies: ["KustoEmulator", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
        .target(
            name: "KustoEmulator",
            dependencies: [
                "COpenSSL", "CZlib",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        .testTarget(name: "KustoEmulatorTests", dependencies: ["COpenSSL", "CZlib", "KustoEmulator"]),

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
