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

        // MARK: HTTPTransport

        .target(name: "HTTPTransport", dependencies: ["SpoolPrimitives"]),

        // MARK: ResultJournal

        .target(name: "ResultJournal", dependencies: ["CLinux", "SpoolPrimitives"]),
        .testTarget(name: "ResultJournalTests", dependencies: ["ResultJournal", "SpoolDirectory", "SpoolPrimitives", "SpoolTestSupport"]),

        // MARK: SpoolDirectory

        .target(name: "SpoolDirectory", dependencies: ["CLinux", "SpoolPrimitives"]),
        .testTarget(name: "SpoolDirectoryTests", dependencies: ["CLinux", "SpoolDirectory", "SpoolPrimitives", "SpoolTestSupport"]),

        // MARK: SpoolPrimitives

        .target(name: "SpoolPrimitives", dependencies: ["CLinux"]),
        .testTarget(name: "SpoolPrimitivesTests", dependencies: ["SpoolPrimitives"]),

        // MARK: SpoolTestSupport (tests only)

        .target(name: "SpoolTestSupport", dependencies: ["CLinux", "SpoolDirectory", "SpoolPrimitives"]),

        // MARK: SystemdService

        .target(name: "SystemdService", dependencies: ["CLinux", "CSystemd", "SpoolPrimitives"]),
        .testTarget(
            name: "SystemdServiceTests", dependencies: ["CLinux", "CSystemd", "SpoolPrimitives", "SpoolTestSupport", "SystemdService"]),
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
