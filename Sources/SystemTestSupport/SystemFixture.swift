import Glibc
package import IngestionEngine
package import KustoEmulator
package import SpoolConfiguration
import SpoolDaemon
package import SpoolDirectory
package import SpoolPrimitives
package import SpoolTestSupport

/// A whole system on one machine: the emulator over real sockets, spools in a temporary directory, and a daemon that can be started, stopped and
/// started again.
package struct SystemFixture: Sendable {
    /// One spool of the fixture: its name is its directory's name, too.
    package struct Route: Sendable {
        package var name: String
        package var table: String
        package var format: String
        /// Further lines of YAML, flow style, such as `tree: true`.
        package var options: [String]

        package init(_ name: String = "spool", table: String = "T", format: String = "csv", options: [String] = []) {
            self.name = name
            self.table = table
            self.format = format
            self.options = options
        }
    }

    package let directory: TemporaryDirectory
    package let emulator: Emulator
    package let routes: [Route]
    private let topLevel: [String]
    private let usesClientSecret: Bool
    private let journalOptions: String

    /// Starts the emulator, makes the directories, and takes everything down after `body`.
    ///
    /// - Parameters:
    ///   - adjust: changes the emulator's configuration before it starts.
    ///   - usesClientSecret: takes the way over the token endpoint; a static token otherwise.
    ///   - journalOptions: further settings of the journal, flow style, such as `, backlog: 1000`.
    ///   - topLevel: further lines of the daemon's configuration, such as `limits: { concurrency: 1 }`.
    package static func with<Result>(
        routes: [Route] = [Route()], usesClientSecret: Bool = false, topLevel: [String] = [], journalOptions: String = "",
        emulator adjust: (inout EmulatorConfiguration) -> Void = { _ in },
        _ body: (SystemFixture) async throws -> Result
    ) async throws -> Result {
        var configuration = EmulatorConfiguration()
        configuration.batchingDelay = .milliseconds(20)
        adjust(&configuration)
        return try await Turnstile.systems.with {
            let emulator = try await Emulator.start(configuration)
            do {
                let result = try await TemporaryDirectory.with { directory in
                    let fixture = SystemFixture(
                        directory: directory, emulator: emulator, routes: routes, topLevel: topLevel, usesClientSecret: usesClientSecret,
                        journalOptions: journalOptions)
                    fixture.prepare()
                    return try await body(fixture)
                }
                await emulator.stop()
                return result
            } catch {
                await emulator.stop()
                throw error
            }
        }
    }

    private func prepare() {
        for name in ["state", "log"] { directory.makeDirectory(name, mode: 0o700) }
        for route in routes { directory.makeDirectory(route.name, mode: 0o750) }
        directory.write("emulator-token", to: "token")
        chmod(directory.path("token"), 0o600)
        directory.write(emulator.configuration.clientSecret, to: "secret")
        chmod(directory.path("secret"), 0o600)
        directory.write(yaml, to: "kusto-spool.yaml")
    }

    /// The daemon's configuration as a file's text.
    package var yaml: String {
        var lines = [
            "cluster:", "  ingestion_uri: \(emulator.ingestURI)", "  credential: { \(credential) }",
            "state: \(directory.path("state"))", "journal: { path: \(journalPath)\(journalOptions) }", "spools:",
        ]
        for route in routes {
            lines.append("  - path: \(directory.path(route.name))")
            lines.append("    database: Test")
            lines.append("    table: \(route.table)")
            lines.append("    format: \(route.format)")
            if !route.options.contains(where: { $0.hasPrefix("complete:") }) { lines.append("    complete: { quiet: 1 s }") }
            lines += route.options.map { "    \($0)" }
        }
        return (lines + topLevel).joined(separator: "\n") + "\n"
    }

    private var credential: String {
        guard usesClientSecret else { return "kind: static_token, token: \(directory.path("token"))" }
        let application = "tenant: \(emulator.configuration.tenant), client_id: \(emulator.configuration.clientID)"
        return "kind: client_secret, \(application), secret: \(directory.path("secret"))"
    }

    package var configurationPath: String { directory.path("kusto-spool.yaml") }
    package var journalPath: String { directory.path("log/journal.ndjson") }

    /// The configuration as the daemon reads it.
    package func configuration() throws -> Configuration { try Configuration.load(path: configurationPath).configuration }

    /// Runs a daemon in this process while `body` runs, then stops it as SIGTERM would; what it ended with is thrown.
    package func running<Result>(
        adopts: Bool = false, hooks: EngineHooks = EngineHooks(), _ body: (RunningDaemon) async throws -> Result
    ) async throws -> Result {
        let daemon = RunningDaemon(try configuration(), adopts: adopts, hooks: hooks, journalPath: journalPath)
        return try await daemon.run(body)
    }

    /// Runs a command of the real program on this system's configuration.
    package func command(_ words: String..., asNobody: Bool = false) async throws -> Program.Result {
        try await Program.run(words + ["--config", configurationPath], in: directory, asNobody: asNobody)
    }

    /// Makes the journal one that cannot be written, for root too: a directory in its place, while the file is set aside.
    package func breakJournal() {
        directory.makeDirectory("aside")
        directory.exchange("aside", "log/journal.ndjson")
    }

    /// Puts the journal back as it was.
    package func mendJournal() { directory.exchange("aside", "log/journal.ndjson") }

    /// Runs the real daemon in a process of its own while `body` runs, and ends it by SIGTERM; `body` may have ended it before.
    ///
    /// - Parameters:
    ///   - name: the executable; one that is not the daemon itself wants its own arguments.
    package func runningProgram<Result>(
        _ name: String = "kusto-spool", _ arguments: [String]? = nil, environment: [String: String] = [:], asNobody: Bool = false,
        hasSmallDisk: Bool = false, behind wrapper: [String] = [],
        _ body: (Program, WorkerPool) async throws -> Result
    ) async throws -> (Result, Program.Result) {
        let program = try Program(
            executable: name, arguments ?? ["run", "--config", configurationPath], in: directory, environment: environment,
            asNobody: asNobody, behind: wrapper,
            smallDiskOn: hasSmallDisk ? directory.path("state") : nil)
        let pool = WorkerPool(name: "journal-wait", threads: 1)
        defer { pool.close() }
        do {
            let result = try await body(program, pool)
            program.signal(SIGTERM)
            return (result, await program.finish())
        } catch {
            program.signal(SIGKILL)
            let ended = await program.finish()
            throw TestSupportError("\(error); the daemon ended with \(ended.status) and said:\n\(ended.errors)")
        }
    }

    /// Gives everything to user 65534, so that a daemon without rights can work here.
    package func giveToNobody() {
        let nobody: UInt32 = 65534
        for name in [".", "state", "log", "token", "secret", "kusto-spool.yaml"] + routes.map(\.name) {
            chown(directory.path(name), nobody, nobody)
        }
    }

    /// Drops a file as a good producer does: written beside the spool, and renamed in.
    package func drop(_ contents: String, as name: String, into spool: String = "spool") {
        directory.write(contents, to: "incoming")
        directory.rename(TemporaryDirectory.relative("incoming"), to: TemporaryDirectory.relative("\(spool)/\(name)"))
    }

    /// The same for bytes.
    package func drop(_ contents: [UInt8], as name: String, into spool: String = "spool") {
        directory.write(contents, to: TemporaryDirectory.relative("incoming"))
        directory.rename(TemporaryDirectory.relative("incoming"), to: TemporaryDirectory.relative("\(spool)/\(name)"))
    }

    /// Drops bytes under a name of any bytes.
    package func drop(_ contents: [UInt8], named name: FileName, into spool: String = "spool") {
        directory.write(contents, to: TemporaryDirectory.relative("incoming"))
        directory.rename(TemporaryDirectory.relative("incoming"), to: TemporaryDirectory.relative(spool).appending(name))
    }

    /// Every file of a spool but the daemon's own small ones: P1 is a question about these.
    package func files(in spool: String = "spool") -> [RelativePath: [UInt8]] {
        directory.allFiles(below: TemporaryDirectory.relative(spool)).filter { path, _ in
            let text = path.displayText
            return !text.hasPrefix("\(spool)/failed/.reasons/") && text != "\(spool)/.spool" && !text.hasSuffix("/.from")
        }
    }
}
