import AzureStorage
import IngestionEngine
import KustoIngest
import KustoWire
import Ledger
import Logging
import ResultJournal
import ServiceLifecycle
import ServiceLifecycleTestKit
import SpoolDirectory
import SpoolPrimitives

/// One life of the engine, from its start to its stop or crash: the daemon's composition, with the loop for threads, time and chance.
final class Incarnation: @unchecked Sendable {  // used on the loop's thread alone
    enum End {
        case stopped
        case failed(any Error)
    }

    let number: Int
    private let world: World
    private let transport: SimulatedTransport
    private let random: RandomSource
    private let pool: WorkerPool
    private let disk: SlowDisk
    private var ledger: Ledger?
    private var isLedgerAwake = false
    /// How often its ledger has committed.
    var commits: UInt64 { ledger?.commitCount ?? 0 }
    private var roots: [SpoolRoot] = []
    private let stopRequest = Signal()
    private var stopRequested = false
    /// Services that have not ended, for a failure's text.
    private var unended: [String] = []
    private var triggers: [Int: GracefulShutdownTestTrigger] = [:]
    private var task: Task<Void, Never>?
    private var parked: [UnsafeContinuation<Void, Never>] = []
    private(set) var end: End?
    /// Whether nothing that it does counts any more.
    private(set) var isDead = false
    private(set) var hookCounts: [EngineHooks.Point: Int] = [:]
    /// Says whether the world ends at this point.
    var crashes: (EngineHooks.Point, Int) -> Bool = { _, _ in false }
    let firstStep: Int

    init(_ world: World, number: Int) {
        self.world = world
        self.number = number
        transport = SimulatedTransport(world.cloud)
        random = .seeded(world.dice.bits("random", number))
        let disk = SlowDisk(world.loop, world.dice, world.settings.diskDelay, life: number)
        self.disk = disk
        pool = WorkerPool(schedulingBy: { disk.run($0) })
        firstStep = world.loop.steps
    }

    func start() {
        world.trace.add("--- start \(number)")
        task = Task(executorPreference: world.loop) {
            do {
                try await self.run()
                self.end = .stopped
            } catch {
                self.end = .failed(error)
            }
            self.ledger?.close()
            for root in self.roots { root.unlock() }
            self.roots = []
        }
    }

    /// A graceful stop, as SIGTERM asks for.
    func stop() {
        world.trace.add("--- stop \(number)")
        stopRequested = true
        stopRequest.raise()
    }

    /// The end without grace: what was on disk stays there, what was sent may arrive, and nobody hears of anything.
    ///
    /// The tasks of this life are then unwound, so that nothing leaks: their ledger and their network are gone, so that all they can still do is what they
    /// might have done in the moment before.
    func crash(_ crash: Crash) {
        world.trace.add("--- crash \(number)")
        isDead = true
        if crash.commits, isLedgerAwake { ledger?.runGathered() }
        ledger?.close()
        transport.die(arrivals: crash.arrivals)
        disk.hurry()
        task?.cancel()
        for continuation in parked { continuation.resume() }
        parked = []
        while end == nil {
            guard world.loop.runOne() else {
                world.fail("P7: tasks of a life that has ended wait for what cannot come: \(unended)")
                return
            }
        }
    }

    // MARK: - Composition

    private func run() async throws {
        let loop = world.loop
        let settings = world.settings
        let signals = EngineSignals()
        let ledger = try Ledger.open(
            path: world.ledgerPath, makeIdentity: { [world] in (world.ledgerUUID, world.dice.bits("prefix", 0)) },
            hasEvents: { signals.events.raise() }, makesRoom: false,
            runner: .caller(wake: { [self] in wakeLedger() }))
        self.ledger = ledger
        var spools: [Spool] = []
        for index in settings.spools.indices { spools.append(try await open(index, ledger)) }
        var options = JournalOptions(path: world.journalPath, journal: ledger.identity.uuid)
        options.rotateAt = settings.journalRotatesAt
        // By the file system's clock, which is not the simulation's.
        options.rotateAfter = .seconds(1 << 40)
        options.keep = .seconds(1 << 40)
        let journal = try JournalFile(options, now: loop.wallNow)
        let next = try await ledger.nextSeq()
        if journal.lastSeq >= next { throw WorldError("the ledger is older than the journal") }
        let context = try context(ledger, spools, signals)
        try await Recovery(context).run()
        let claims = ClaimNumbers()
        var services: [any Service] = [
            JournalPump(context, journal: journal), FileDisposer(context), Housekeeper(context),
            SnapshotKeeper(snapshots: context.snapshots),
            NotificationPoller(context, foreign: settings.leavesForeign ? .leave : .journal),
            StatusTablePoller(context), UploadScheduler(context),
        ]
        for (index, spool) in spools.enumerated() {
            let hints = ToldHints()
            world.fleet.hints[index].hints = hints
            services.append(SpoolWatcher(context, spool, claims: claims, hints: hints))
        }
        try await serve(services)
    }

    /// As the daemon's service group does: all run side by side, and a stop goes from the last to the first, each waited for. (The group itself leaves the
    /// loop: it starts tasks of its own on the global executor.)
    private func serve(_ services: [any Service]) async throws {
        let begins = services.map { _ in Signal() }
        let ends = services.map { _ in Signal() }
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for (index, service) in services.enumerated() {
                unended.append("\(type(of: service))")
                group.addTask { [self] in
                    defer { unended.removeAll { $0 == "\(type(of: service))" } }
                    try await testGracefulShutdown { trigger in
                        triggers[index] = trigger
                        begins[index].raise()
                        try await service.run()
                    }
                    ends[index].raise()
                    return false
                }
            }
            group.addTask { [self] in
                await stopRequest.wait()
                for index in services.indices.reversed() where !Task.isCancelled {
                    await begins[index].wait()
                    triggers[index]?.triggerGracefulShutdown()
                    await ends[index].wait()
                }
                return true
            }
            while let isStop = try await group.next() {
                if isStop { return }
                if !stopRequested { throw WorldError("a service ended by itself") }
            }
        }
    }

    /// What gathers until the loop comes to it shares a commit.
    private func wakeLedger() {
        if isLedgerAwake { return }
        isLedgerAwake = true
        disk.run { [self] in
            isLedgerAwake = false
            if !isDead { ledger?.runGathered() }
        }
    }

    private func open(_ index: Int, _ ledger: Ledger) async throws -> Spool {
        let settings = world.settings.spools[index]
        var rules = SpoolRules(verdictDeadline: world.settings.deadline)
        rules.deletesOnSuccess = settings.deletesOnSuccess
        rules.completeness = Completeness(rule: settings.completeness)
        rules.coalescing = settings.coalescing
        rules.compresses = settings.compresses
        rules.repostsAfter = settings.isAnxious || settings.reportsFailuresOnly ? .zero : world.settings.repostsAfter
        var options = SpoolRoot.Options()
        options.leases = false
        let path = world.fleet.root(of: index)
        let root = try SpoolRoot.open(path: path, ownerUUID: ledger.identity.uuid, options: options)
        roots.append(root)
        let properties = IngestionProperties(
            database: "Sim", table: "T\(index)", format: .csv,
            reportLevel: settings.reportsFailuresOnly ? .failuresOnly : .failuresAndSuccesses, reportMethod: settings.reportMethod)
        let route = RouteOfSpool(
            database: "Sim", table: "T\(index)", deletesOnSuccess: rules.deletesOnSuccess, verdictDeadline: rules.verdictDeadline)
        return Spool(key: try await ledger.register(spool: path, route: route), root: root, properties: properties, rules: rules)
    }

    private func context(_ ledger: Ledger, _ spools: [Spool], _ signals: EngineSignals) throws -> EngineContext {
        let loop = world.loop
        let client = ClientIdentity(application: "simulation", version: "1")
        let management = ManagementClient(
            endpoint: try IngestEndpoint(configured: "https://ingest-sim.kusto.windows.net"), transport: transport,
            credential: AccessTokenSource(token: { Secret(Secrets.bearer) }, tokenRejected: { _ in }), client: client, random: random)
        let snapshots = ResourceSnapshotStore(
            time: loop, random: random, report: { event in if case .refreshed = event { signals.sources.raise() } },
            fetch: { () async throws(ManagementError) in try await management.fetchSnapshot(on: loop) })
        let limits = EngineLimits(
            concurrency: world.settings.concurrency, memory: .kibibytes(64), blockSize: world.settings.blockSize, blocksInFlight: 2)
        let log = world.log
        let life = number
        return EngineContext(
            ledger: ledger, spools: spools, snapshots: snapshots, blobs: BlobClient(transport), queues: QueueClient(transport),
            tables: TableClient(transport), composer: IngestionMessageComposer(client: client), time: loop, random: random,
            logger: Logger(label: "engine") { _ in TraceHandler(log: log, life: life) }, limits: limits, signals: signals,
            hooks: EngineHooks(reached: { [self] point in await reached(point) }), readers: pool, files: pool, journalThread: pool)
    }

    private func reached(_ point: EngineHooks.Point) async {
        let count = hookCounts[point, default: 0] + 1
        hookCounts[point] = count
        if isDead { return }
        world.sabotageAt(point, self)
        guard crashes(point, count) else { return }
        // Nothing goes on behind the point: the crash finds it there.
        await withUnsafeContinuation { parked.append($0) }
    }

    var spoolRoots: [SpoolRoot] { roots }
}

struct WorldError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// The daemon's snapshot service.
private struct SnapshotKeeper: Service {
    let snapshots: ResourceSnapshotStore

    func run() async throws {
        let stop = Signal()
        await withGracefulShutdownHandler {
            await withTaskGroup { group in
                group.addTask { await snapshots.run() }
                group.addTask { await stop.wait() }
                await group.next()
                group.cancelAll()
            }
        } onGracefulShutdown: {
            stop.raise()
        }
    }
}

/// Everything that is logged, for the trace and for the search for secrets.
final class SimulatedLog: @unchecked Sendable {  // used on the loop's thread alone
    let trace: Trace
    init(_ trace: Trace) { self.trace = trace }
}

private struct TraceHandler: LogHandler {
    let log: SimulatedLog
    let life: Int
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .debug

    init(log: SimulatedLog, life: Int) {
        self.log = log
        self.life = life
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let pairs = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        log.trace.add("log \(life) \((["\(event.level)", "\(event.message)"] + pairs).joined(separator: " "))")
    }
}
