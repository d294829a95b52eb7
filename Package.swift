// swift-tools-version: 6.2

import PackageDescription

// MARK: - Package

let package = Package(
    name: "kusto-spool",
    products: [
        // Tests only: preloaded into a daemon, so it has to be a library of its own.
        .library(name: "CCallCounter", type: .dynamic, targets: ["CCallCounter"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ],
    targets: [
        // MARK: C libraries (header-only modules; the Debian packages are listed in the Makefile)

        .systemLibrary(name: "CCurl"),
        .systemLibrary(name: "CISAL"),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "COpenSSL"),
        .systemLibrary(name: "CSystemd"),
        .systemLibrary(name: "CZlib"),

        // MARK: CCallCounter (tests only: counts the durable system calls of a process, and tampers with them)

        .target(name: "CCallCounter"),

        // MARK: AzureStorage

        .target(name: "AzureStorage", dependencies: ["HTTPTransport", "OpenSSLCrypto", "SpoolPrimitives"]),
        .testTarget(
            name: "AzureStorageTests",
            dependencies: ["AzureStorage", "CurlTransport", "HTTPTransport", "OpenSSLCrypto", "SpoolPrimitives", "SpoolTestSupport"]),

        // MARK: CurlTransport

        .target(name: "CurlTransport", dependencies: ["CCurl", "CLinux", "HTTPTransport", "SpoolPrimitives"]),
        .testTarget(name: "CurlTransportTests", dependencies: ["CurlTransport", "HTTPTransport", "SpoolPrimitives", "SpoolTestSupport"]),

        // MARK: EntraAuth

        .target(name: "EntraAuth", dependencies: ["HTTPTransport", "SpoolPrimitives"]),
        .testTarget(
            name: "EntraAuthTests", dependencies: ["CurlTransport", "EntraAuth", "HTTPTransport", "SpoolPrimitives", "SpoolTestSupport"]),

        // MARK: FuzzTargets (tests only: what is read of what others wrote, with its invariants)

        .target(
            name: "FuzzTargets",
            dependencies: ["AzureStorage", "KustoIngest", "KustoWire", "ResultJournal", "SpoolConfiguration", "SpoolPrimitives"]),
        .testTarget(name: "FuzzTargetsTests", dependencies: ["FuzzTargets", "SpoolDirectory", "SpoolPrimitives", "SpoolTestSupport"]),

        // MARK: Gzip

        .target(name: "Gzip", dependencies: ["CISAL", "CZlib", "SpoolPrimitives"]),
        .testTarget(name: "GzipTests", dependencies: ["CZlib", "Gzip", "SpoolPrimitives", "SpoolTestSupport"]),

        // MARK: HTTPTransport

        .target(name: "HTTPTransport", dependencies: ["SpoolPrimitives"]),
        .testTarget(name: "HTTPTransportTests", dependencies: ["HTTPTransport", "SpoolPrimitives"]),

        // MARK: IngestionEngine

        .target(
            name: "IngestionEngine",
            dependencies: [
                "AzureStorage", "Gzip", "HTTPTransport", "IngestionModel", "KustoIngest", "KustoWire", "Ledger", "OpenSSLCrypto",
                "ResultJournal", "SpoolConfiguration", "SpoolDirectory", "SpoolPrimitives", "SystemdService",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),

        .testTarget(
            name: "IngestionEngineTests",
            dependencies: [
                "AzureStorage", "Gzip", "IngestionEngine", "IngestionModel", "KustoEmulator", "KustoIngest", "KustoWire", "Ledger",
                "OpenSSLCrypto",
                "ResultJournal", "SpoolDirectory", "SpoolPrimitives", "SpoolTestSupport", "SystemTestSupport",
            ]),

        // MARK: IngestionModel

        .target(name: "IngestionModel", dependencies: ["KustoWire", "SpoolPrimitives"]),
        .testTarget(name: "IngestionModelTests", dependencies: ["IngestionModel", "KustoWire", "SpoolPrimitives"]),

        // MARK: kusto-emulator

        .executableTarget(
            name: "kusto-emulator", dependencies: ["KustoEmulator", .product(name: "ArgumentParser", package: "swift-argument-parser")]),

        // MARK: kusto-spool

        .executableTarget(
            name: "kusto-spool", dependencies: ["SpoolCommands", .product(name: "ArgumentParser", package: "swift-argument-parser")]),

        // MARK: kusto-spool-floor (the bench only: what the same requests cost without books)

        .executableTarget(
            name: "kusto-spool-floor",
            linkerSettings: [.linkedLibrary("curl"), .linkedLibrary("crypto"), .linkedLibrary("isal")]),

        // MARK: kusto-spool-crashing (tests only: the daemon, killed at a named point)

        .executableTarget(
            name: "kusto-spool-crashing",
            dependencies: [
                "IngestionEngine", "SpoolConfiguration", "SpoolDaemon", "SpoolPrimitives", .product(name: "Logging", package: "swift-log"),
            ]),

        // MARK: KustoEmulator (apart: nothing of the daemon's but the C modules)

        .target(
            name: "KustoEmulator",
            dependencies: [
                "COpenSSL", "CZlib", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"), .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        .testTarget(name: "KustoEmulatorTests", dependencies: ["COpenSSL", "CZlib", "KustoEmulator", "kusto-emulator"]),

        // MARK: KustoIngest

        .target(name: "KustoIngest", dependencies: ["HTTPTransport", "KustoWire", "SpoolPrimitives"]),
        .testTarget(name: "KustoIngestTests", dependencies: ["HTTPTransport", "KustoIngest", "KustoWire", "SpoolPrimitives"]),

        // MARK: KustoWire

        .target(name: "KustoWire", dependencies: ["SpoolPrimitives"]),
        .testTarget(name: "KustoWireTests", dependencies: ["KustoWire", "SpoolPrimitives", "SpoolTestSupport"]),

        // MARK: Ledger

        .target(
            name: "Ledger",
            dependencies: ["IngestionModel", "KustoWire", "SpoolPrimitives", .product(name: "GRDB", package: "GRDB.swift")]),
        .testTarget(
            name: "LedgerTests",
            dependencies: [
                "IngestionModel", "KustoWire", "Ledger", "SpoolPrimitives", "SpoolTestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),

        // MARK: OpenSSLCrypto

        .target(name: "OpenSSLCrypto", dependencies: ["COpenSSL", "SpoolPrimitives"]),
        .testTarget(name: "OpenSSLCryptoTests", dependencies: ["OpenSSLCrypto", "SpoolPrimitives"]),

        // MARK: ResultJournal

        .target(name: "ResultJournal", dependencies: ["CLinux", "SpoolPrimitives"]),
        .testTarget(name: "ResultJournalTests", dependencies: ["ResultJournal", "SpoolDirectory", "SpoolPrimitives", "SpoolTestSupport"]),

        // MARK: Simulation (tests only: the engine in virtual time)

        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "AzureStorage", "CLinux", "CZlib", "HTTPTransport", "IngestionEngine", "IngestionModel", "KustoIngest", "KustoWire",
                "Ledger",
                "ResultJournal", "SpoolDirectory", "SpoolPrimitives", "SpoolTestSupport", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle"),
            ]),

        // MARK: SpoolCommands

        .target(
            name: "SpoolCommands",
            dependencies: [
                "IngestionEngine", "IngestionModel", "KustoWire", "Ledger", "ResultJournal", "SpoolConfiguration", "SpoolDaemon",
                "SpoolDirectory", "SpoolPrimitives", .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]),

        .testTarget(
            name: "SpoolCommandsTests",
            dependencies: [
                "kusto-spool", "IngestionModel", "KustoEmulator", "Ledger", "ResultJournal", "SpoolCommands", "SpoolDaemon",
                "SpoolDirectory", "SpoolPrimitives", "SpoolTestSupport", "SystemTestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),

        // MARK: SpoolConfiguration

        .target(
            name: "SpoolConfiguration", dependencies: ["KustoWire", "SpoolPrimitives", .product(name: "Yams", package: "Yams")]),
        .testTarget(name: "SpoolConfigurationTests", dependencies: ["KustoWire", "SpoolConfiguration", "SpoolPrimitives"]),

        // MARK: SpoolDaemon

        .target(
            name: "SpoolDaemon",
            dependencies: [
                "CurlTransport", "EntraAuth", "HTTPTransport", "IngestionEngine", "KustoIngest", "KustoWire", "Ledger", "ResultJournal",
                "SpoolConfiguration", "SpoolDirectory", "SpoolPrimitives", "SystemdService",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),

        .testTarget(
            name: "SpoolDaemonTests",
            dependencies: [
                "CCallCounter", "Gzip", "IngestionEngine", "IngestionModel", "KustoEmulator", "KustoWire", "Ledger", "ResultJournal",
                "SpoolConfiguration", "SpoolDaemon", "SpoolDirectory", "SpoolPrimitives", "SpoolTestSupport", "SystemTestSupport",
                "SystemdService", "kusto-spool", "kusto-spool-crashing",
            ]),

        // MARK: SpoolDirectory

        .target(name: "SpoolDirectory", dependencies: ["CLinux", "SpoolPrimitives"]),
        .testTarget(name: "SpoolDirectoryTests", dependencies: ["CLinux", "SpoolDirectory", "SpoolPrimitives", "SpoolTestSupport"]),

        // MARK: SpoolPrimitives

        .target(name: "SpoolPrimitives", dependencies: ["CLinux"]),
        .testTarget(name: "SpoolPrimitivesTests", dependencies: ["SpoolPrimitives"]),

        // MARK: SpoolTestSupport (tests only)

        .target(name: "SpoolTestSupport", dependencies: ["COpenSSL", "CZlib", "SpoolDirectory", "SpoolPrimitives"]),

        // MARK: SystemTestSupport (tests only: a whole system on one machine)

        .target(
            name: "SystemTestSupport",
            dependencies: [
                "AzureStorage", "CurlTransport", "IngestionEngine", "IngestionModel", "KustoEmulator", "KustoIngest", "KustoWire", "Ledger",
                "ResultJournal", "SpoolConfiguration", "SpoolDaemon", "SpoolDirectory", "SpoolPrimitives", "SpoolTestSupport",
                .product(name: "Logging", package: "swift-log"),
            ]),

        // MARK: SystemdService

        .target(name: "SystemdService", dependencies: ["CSystemd", "SpoolPrimitives"]),
        .testTarget(
            name: "SystemdServiceTests", dependencies: ["CLinux", "CSystemd", "SpoolPrimitives", "SpoolTestSupport", "SystemdService"]),
    ],
    swiftLanguageModes: [.v6]
)

// MARK: - Fuzzers: libFuzzer brings their main, so that a plain build could not link them (see `make fuzz`)

let fuzzers =
    Context.environment["KUSTO_SPOOL_FUZZ"] == nil ? [] : ["Configuration", "Journal", "Management", "Notification", "SAS", "XML"]
for name in fuzzers {
    package.targets.append(.executableTarget(name: "Fuzz\(name)", dependencies: ["FuzzTargets"], path: "Tests/Fuzz/\(name)"))
}

// MARK: - A part of the tests (see `make test-asan`): only these, and what they need, since a sanitizer makes every build long

if let tests = Context.environment["KUSTO_SPOOL_TESTS"] {
    var wanted = Set(tests.split(separator: ",").map { "\($0)Tests" })
    var isGrowing = true
    while isGrowing {
        let needed = package.targets.filter { wanted.contains($0.name) }.flatMap(\.dependencies).compactMap { dependency in
            switch dependency {
            case .targetItem(let name, _), .byNameItem(let name, _): name
            case .productItem: nil
            @unknown default: nil
            }
        }
        isGrowing = !wanted.isSuperset(of: needed)
        wanted.formUnion(needed)
    }
    package.targets.removeAll { !wanted.contains($0.name) }
    package.products = []
}

// MARK: - The daemon as it is installed (see `make installable`): with Swift's libraries inside, for machines and units that see no toolchain

if Context.environment["KUSTO_SPOOL_STATIC"] == "1", let daemon = package.targets.first(where: { $0.name == "kusto-spool" }) {
    // What Foundation's archives need and the other modules' link lines, which name shared libraries, do not bring.
    let archives = ["CoreFoundation", "_FoundationCShims", "_FoundationCollections", "_FoundationICU", "stdc++"]
    daemon.linkerSettings = [.unsafeFlags(["-static-stdlib"] + archives.map { "-l\($0)" })]
}

// MARK: - Settings: one set for every target

for target in package.targets where target.type != .system && target.name != "CCallCounter" {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .treatAllWarnings(as: .error),
    ]
}
for target in package.targets where fuzzers.contains(where: { target.name == "Fuzz\($0)" }) {
    target.swiftSettings?.append(.unsafeFlags(["-parse-as-library"]))
}
