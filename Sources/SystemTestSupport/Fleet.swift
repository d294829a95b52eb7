import IngestionEngine
import KustoEmulator
import SpoolConfiguration
import SpoolPrimitives
import SpoolTestSupport

/// Several daemons on one cluster, each with a state, a journal and a spool of its own.
extension SystemFixture {
    /// One daemon of a fleet.
    package struct Member: Sendable {
        package let daemon: RunningDaemon
        /// The spool's path below the fixture's directory.
        package let spool: String
    }

    /// Runs so many daemons while `body` runs, then stops them all.
    ///
    /// - Parameters:
    ///   - options: of each one's spool, flow style, such as `report: { method: table }`.
    ///   - topLevel: further lines of each one's configuration.
    package func runningFleet<Result>(
        _ count: Int, options: [String], topLevel: [String] = [], _ body: @escaping ([Member]) async throws -> Result
    ) async throws -> Result {
        var members: [Member] = []
        for index in 0..<count {
            let name = "daemon\(index)"
            directory.makeDirectory(name, mode: 0o750)
            for folder in ["state", "log", "spool"] { directory.makeDirectory("\(name)/\(folder)", mode: 0o700) }
            var lines = [
                "cluster:", "  ingestion_uri: \(emulator.ingestURI)",
                "  credential: { kind: static_token, token: \(directory.path("token")) }", "state: \(directory.path("\(name)/state"))",
                "journal: { path: \(directory.path("\(name)/log/journal.ndjson")) }", "spools:",
                "  - path: \(directory.path("\(name)/spool"))", "    database: Test", "    table: T", "    format: csv",
                "    complete: { quiet: 1 s }",
            ]
            lines += options.map { "    \($0)" } + topLevel
            let source = ConfigurationSource(file: "\(name).yaml", text: lines.joined(separator: "\n") + "\n")
            let daemon = RunningDaemon(
                try Configuration.load([source]).configuration, adopts: false, hooks: .init(),
                journalPath: directory.path("\(name)/log/journal.ndjson"))
            members.append(Member(daemon: daemon, spool: "\(name)/spool"))
        }
        return try await Self.run(members[...], all: members, body)
    }

    private static func run<Result>(
        _ rest: ArraySlice<Member>, all: [Member], _ body: @escaping ([Member]) async throws -> Result
    ) async throws -> Result {
        guard let first = rest.first else { return try await body(all) }
        return try await first.daemon.run { _ in try await run(rest.dropFirst(), all: all, body) }
    }
}
