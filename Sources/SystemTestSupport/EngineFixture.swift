import AzureStorage
import CurlTransport
package import IngestionEngine
package import IngestionModel
package import KustoEmulator
import KustoIngest
package import KustoWire
package import Ledger
import Logging
import SpoolDirectory
import SpoolPrimitives
package import SpoolTestSupport

/// The engine's parts without a daemon around them: a real ledger and real spools, the emulator over sockets, and clocks that the test turns.
///
/// For rules about one part, which a whole daemon would show only after hours or by chance.
package struct EngineFixture: Sendable {
    package let directory: TemporaryDirectory
    package let emulator: Emulator
    package let time: ManualTime
    package let context: EngineContext
    private let log: Lock<[String]>
    private let claims = Lock<Int64>(1 << 40)

    package var spools: [Spool] { context.spools }
    package var ledger: Ledger { context.ledger }
    /// All that was logged so far, a line a message.
    package var logged: [String] { log.withLock { $0 } }

    /// Puts the parts together, and takes everything down after `body`. The first snapshot is there.
    ///
    /// - Parameter clockBehind: how long after the fixture's clock, as it begins, the files are made, whose times are the machine's.
    package static func with<Result>(
        spools count: Int = 1, rules: SpoolRules = SpoolRules(), reporting method: ReportMethod = .queue,
        limits: EngineLimits = EngineLimits(), hooks: EngineHooks = EngineHooks(), clockBehind: Duration = .zero,
        emulator adjust: (inout EmulatorConfiguration) -> Void = { _ in }, _ body: (EngineFixture) async throws -> Result
    ) async throws -> Result {
        var configuration = EmulatorConfiguration()
        configuration.batchingDelay = .milliseconds(20)
        configuration.ingestion = .none
        adjust(&configuration)
        return try await Turnstile.systems.with {
            let emulator = try await Emulator.start(configuration)
            do {
                let result = try await TemporaryDirectory.with { directory in
                    try await Self.with(directory, emulator, count, rules, method, limits, hooks, SystemTime().wallNow - clockBehind, body)
                }
                await emulator.stop()
                return result
            } catch {
                await emulator.stop()
                throw error
            }
        }
    }

    private static func with<Result>(
        _ directory: TemporaryDirectory, _ emulator: Emulator, _ count: Int, _ rules: SpoolRules, _ method: ReportMethod,
        _ limits: EngineLimits, _ hooks: EngineHooks, _ now: Timestamp, _ body: (EngineFixture) async throws -> Result
    ) async throws -> Result {
        let time = ManualTime(wall: now)
        let signals = EngineSignals()
        let log = Lock<[String]>([])
        directory.makeDirectory("state", mode: 0o700)
        let ledger = try Ledger.open(
            path: directory.path("state/ledger.sqlite"), makeIdentity: { (TemporarySpool.owner, 0xABCD) },
            hasEvents: { signals.events.raise() })
        defer { ledger.close() }
        var spools: [Spool] = []
        for index in 0..<count { spools.append(try await open("spool\(index)", in: directory, rules, method, ledger)) }
        let transport = try CurlTransport()
        defer { transport.close() }
        let random = RandomSource.seeded(1)
        let client = ClientIdentity(application: "kusto-spool", version: "0")
        let token = Secret(emulator.configuration.staticToken ?? "")
        let management = ManagementClient(
            endpoint: try IngestEndpoint(configured: emulator.ingestURI), transport: transport,
            credential: AccessTokenSource(token: { token }, tokenRejected: { _ in }), client: client, random: random)
        let snapshots = ResourceSnapshotStore(time: time, random: random) { () async throws(ManagementError) in
            try await management.fetchSnapshot(on: time)
        }
        let engine = ManagementClient(
            endpoint: try IngestEndpoint(configured: emulator.engineURI), transport: transport,
            credential: AccessTokenSource(token: { token }, tokenRejected: { _ in }), client: client, random: random)
        let context = EngineContext(
            ledger: ledger, spools: spools, snapshots: snapshots, blobs: BlobClient(transport), queues: QueueClient(transport),
            tables: TableClient(transport), failures: FailureList(engine),
            composer: IngestionMessageComposer(client: client), time: time, random: random,
            logger: Logger(label: "test") { _ in CapturingHandler(lines: log, spoke: Signal()) }, limits: limits, signals: signals,
            hooks: hooks,
            readers: WorkerPool(name: "reader", threads: 1), files: WorkerPool(name: "files", threads: 1),
            journalThread: WorkerPool(name: "journal", threads: 1))
        defer {
            context.readers.close()
            context.files.close()
            context.journalThread.close()
        }
        _ = try await snapshots.refresh()
        return try await body(EngineFixture(directory: directory, emulator: emulator, time: time, context: context, log: log))
    }

    private init(directory: TemporaryDirectory, emulator: Emulator, time: ManualTime, context: EngineContext, log: Lock<[String]>) {
        self.directory = directory
        self.emulator = emulator
        self.time = time
        self.context = context
        self.log = log
    }

    private static func open(
        _ name: String, in directory: TemporaryDirectory, _ rules: SpoolRules, _ method: ReportMethod, _ ledger: Ledger
    ) async throws -> Spool {
        directory.makeDirectory(name, mode: 0o2770)
        let path = directory.path(name)
        let root = try SpoolRoot.open(path: path, ownerUUID: ledger.identity.uuid, options: TemporarySpool.options)
        let route = RouteOfSpool(
            database: properties.database, table: properties.table, deletesOnSuccess: rules.deletesOnSuccess,
            verdictDeadline: rules.verdictDeadline)
        let key = try await ledger.register(spool: path, route: route)
        var properties = properties
        properties.reportMethod = method
        return Spool(key: key, root: root, properties: properties, rules: rules)
    }

    private static let properties = IngestionProperties(database: "Test", table: "T", format: .csv)
}

// MARK: - Sources

extension EngineFixture {
    /// Files of these names, dropped into a spool and claimed; the numbers of their rows.
    package func claim(_ names: [String], in spool: Spool, contents: String = "a,1\n") async throws -> [Int64] {
        for name in names { directory.write(contents, to: "spool\(spools.firstIndex { $0.key == spool.key } ?? 0)/\(name)") }
        let number = claims.withLock { claims in
            claims += 1
            return claims
        }
        let claim = ClaimName(ledger: ledger.identity.uuid, counter: number)
        let result = try spool.root.claim(names.compactMap { FileName($0) }, into: claim)
        let files = result.files.map { file in
            LedgerFile(
                claim: file.claim.text, directory: "", name: file.name.displayText, size: file.identity.size,
                modified: file.identity.modified, changed: file.identity.changed, inode: file.identity.inode)
        }
        let outcome = try await ledger.commit(.claimed(ClaimedBatch(spool: spool.key, files: files, at: time.wallNow)))
        guard case .claimed(let ids) = outcome, ids.count == names.count else {
            throw TestSupportError("the claim of \(names.count) files was answered with \(outcome)")
        }
        return ids.map(\.row)
    }

    /// The same events for each of the rows, in one commit. What is posted has a blob that was never uploaded.
    ///
    /// - Parameters:
    ///   - deadline: of the verdict, from now.
    ///   - reports: what the message asks the service to report.
    package func apply(
        _ events: [SourceEvent], to rows: [Int64], deadline: Duration = .seconds(86_400), reports: ReportLevel? = nil,
        method: ReportMethod = .queue, dedupe: IngestionProperties.Dedupe? = nil
    ) async throws {
        guard let container = context.snapshots.current?.containers.first?.identity else { throw TestSupportError("no snapshot") }
        var changes: [LedgerChange] = []
        for row in rows {
            for event in events {
                let now = time.wallNow
                var change = SourceChange(row: row, event, at: now, deadline: now + deadline)
                if event == .posting {
                    change.blob = UploadedBlob(
                        container: container, attempt: UploadAttempt(run: 1, number: Int32(truncatingIfNeeded: row)), encoding: .gzip,
                        rawSize: 4, sentSize: 24, md5: Array(0..<16), uploadedAt: now)
                    change.properties = Self.properties
                    if let reports { change.properties?.reportLevel = reports }
                    change.properties?.reportMethod = method
                    change.properties?.dedupe = dedupe
                    if method != .queue { change.statusTable = context.snapshots.current?.statusTables.first?.identity }
                }
                changes.append(.source(change))
            }
        }
        for outcome in try await ledger.commit(changes) {
            guard case .source = outcome else { throw TestSupportError("an event was answered with \(outcome)") }
        }
    }

    /// The events that the ledger has made so far; the journal's pump does not run.
    package func events() async throws -> JournalEvents {
        var events = JournalEvents()
        for entry in try await ledger.outbox(limit: .gibibytes(1)) {
            for line in entry.lines.split(separator: UInt8(ascii: "\n")) { try events.add(Array(line)) }
        }
        return events
    }

    /// Runs a part of the engine beside `body`, then cuts it off; an error of the part that comes first is thrown.
    package func running<Result: Sendable>(
        _ part: @escaping @Sendable () async throws -> Void, _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                try await part()
                return nil
            }
            group.addTask { try await body() }
            while let ended = try await group.next() {
                guard let ended else { continue }
                group.cancelAll()
                // What a cancelled part throws is its way to end.
                while let rest = await group.nextResult() {
                    if case .failure(let error) = rest, !(error is CancellationError) { throw error }
                }
                return ended
            }
            throw TestSupportError("a part of the engine ended by itself")
        }
    }
}

// MARK: - Parts

extension EngineFixture {
    /// Drops a file as a good producer does.
    package func drop(_ name: String, into spool: Int) {
        directory.write("a,1\n", to: "incoming")
        directory.rename(TemporaryDirectory.relative("incoming"), to: TemporaryDirectory.relative("spool\(spool)/\(name)"))
    }

    /// The paths of a spool's files below its root, but for the daemon's own small ones; those in `.active` by that alone.
    package func files(in spool: Int) -> [String] {
        directory.allFiles(below: TemporaryDirectory.relative("spool\(spool)")).keys.map { String($0.displayText.dropFirst(7)) }.filter {
            !$0.hasPrefix("failed/.reasons/") && !$0.hasPrefix(".")
        }
    }

    /// Runs a reader of status tables until it has looked at every table once and waits.
    package func pollTablesOnce() async throws {
        let poller = StatusTablePoller(context)
        let time = time
        try await running({ try await poller.run() }) { await until { !time.alarms.isEmpty } }
    }

    /// Runs a notification poller until it has looked at every queue once and waits.
    package func pollOnce(foreign: NotificationPoller.ForeignPolicy = .journal) async throws {
        let poller = NotificationPoller(context, foreign: foreign)
        let time = time
        try await running({ try await poller.run() }) { await until { !time.alarms.isEmpty } }
    }
}
