import AzureStorage
import CurlTransport
import HTTPTransport
package import IngestionEngine
import KustoIngest
import KustoWire
import Ledger
package import Logging
import ResultJournal
import ServiceLifecycle
package import SpoolConfiguration
import SpoolDirectory
import SpoolPrimitives
import SystemdService
import UnixSignals

/// The daemon, put together: locks, ledger, spools, recovery, and the services that run until a stop.
package struct Daemon: Sendable {
    private let configuration: Configuration
    private let adopts: Bool
    private let logger: Logger
    private let hooks: EngineHooks
    private let handlesSignals: Bool
    private let stopRequest = Signal()
    private let time: any TimeSource = SystemTime()
    private let random: RandomSource = .system

    /// - Parameters:
    ///   - adopts: takes spools over that belong to another ledger (protocol.md §1).
    ///   - hooks: points at which a test stops the world.
    ///   - handlesSignals: whether SIGTERM and SIGINT stop it; several daemons of one test process are stopped by ``requestStop()``.
    package init(
        _ configuration: Configuration, adopts: Bool, logger: Logger, hooks: EngineHooks = EngineHooks(), handlesSignals: Bool = true
    ) {
        self.hooks = hooks
        self.handlesSignals = handlesSignals
        self.configuration = configuration
        self.adopts = adopts
        self.logger = logger
    }

    /// Asks for the same graceful stop as SIGTERM.
    package func requestStop() { stopRequest.raise() }

    /// Runs until SIGTERM or SIGINT, or until it must not go on.
    package func run() async throws(DaemonFailure) {
        do {
            // Locks first: nothing below may happen twice at a time. They are given back last, and by name: a task that is just ending may refer to
            // what holds them a moment longer than this function runs.
            let state = try StateDirectory.open(path: configuration.state)
            defer { state.unlock() }
            try await run(in: state)
        } catch {
            throw DaemonFailure(error)
        }
    }

    private func run(in state: StateDirectory) async throws {
        var spools: [Spool] = []
        defer { for spool in spools { spool.root.unlock() } }
        let signals = EngineSignals()
        let reserve = Reserve(state)
        let ledger = try open(in: state, reserve, signals)
        defer { ledger.close() }
        let opening = SpoolOpening(ledger: ledger, deadline: configuration.notifications.deadline, adopts: adopts)
        for settings in configuration.spools { spools.append(try await opening.open(settings)) }
        // Behind the spools: a start that they refuse must not have moved another ledger's journal out of the way.
        let journal = try openJournal(ledger.identity)
        try await checkAge(of: ledger, against: journal)
        Descriptors.raiseLimit()
        let transport = try CurlTransport(curlConfiguration())
        defer { transport.close() }
        let context = try await context(ledger, spools, transport, signals)
        defer {
            context.readers.close()
            context.files.close()
            context.journalThread.close()
        }
        logger.notice(
            "started",
            metadata: [
                "endpoint": "\(configuration.cluster.endpoint)", "ledger": "\(ledger.identity.uuid)", "run": "\(ledger.identity.run)",
            ])
        try await Recovery(context).run()
        try await serve(ServiceGroup(configuration: group(context, journal, reserve)))
        logger.info(
            "what the ledger did",
            metadata: [
                "commits": "\(ledger.commitCount)", "row_operations": "\(ledger.figures.rowOperations)",
                "rows_handed_out": "\(ledger.figures.rowsHandedOut)",
            ])
        logger.notice("stopped")
    }

    /// Opens the ledger, with the reserve's space where the disk is full.
    private func open(in state: StateDirectory, _ reserve: Reserve, _ signals: EngineSignals) throws -> Ledger {
        if !(try reserve.restore().isWhole) {
            logger.error("the state directory's disk has no room for the reserve", metadata: ["state": "\(state.path)"])
        }
        func open() throws(LedgerError) -> Ledger {
            try Ledger.open(
                path: LedgerPath.ledger(inState: state.path), makeIdentity: { (random.uuid(), random.next()) },
                hasEvents: { signals.events.raise() }, onFull: { reserve.giveUp() })
        }
        do throws(LedgerError) {
            return try open()
        } catch {
            guard error.reason == .full, reserve.giveUp() else { throw error }
            return try open()
        }
    }

    private func serve(_ group: ServiceGroup) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask { [stopRequest] in
                await stopRequest.wait()
                await group.triggerGracefulShutdown()
            }
            // Whichever ends first, the services or the wait for a stop, ends the other.
            defer { stopRequest.raise() }
            try await tasks.next()
            stopRequest.raise()
            try await tasks.waitForAll()
        }
    }

    private func context(
        _ ledger: Ledger, _ spools: [Spool], _ curl: CurlTransport, _ signals: EngineSignals
    ) async throws(DaemonFailure) -> EngineContext {
        let (uploads, transport) = paced(curl)
        let identity = ClientIdentity(application: "kusto-spool", version: KustoSpoolVersion.current)
        let tokens = try await Credentials(settings: configuration.cluster, transport: transport, time: time, logger: logger).tokenSource()
        let management = ManagementClient(
            endpoint: configuration.cluster.endpoint, transport: transport, credential: tokens, client: identity, random: random)
        let failures = configuration.cluster.engine.map { engine in
            FailureList(ManagementClient(endpoint: engine, transport: transport, credential: tokens, client: identity, random: random))
        }
        let snapshots = ResourceSnapshotStore(
            time: time, random: random,
            report: { [logger] event in
                SnapshotLog.write(event, to: logger)
                // What waited for a snapshot can go on.
                if case .refreshed = event { signals.sources.raise() }
            },
            fetch: { [time] () async throws(ManagementError) in try await management.fetchSnapshot(on: time) })
        let limits = EngineLimits(
            concurrency: configuration.limits.concurrency, memory: configuration.limits.memory,
            blockSize: configuration.limits.uploadBlockSize, pendingEvents: Int64(configuration.journal.backlog))
        return EngineContext(
            ledger: ledger, spools: spools, snapshots: snapshots, blobs: BlobClient(uploads), queues: QueueClient(transport),
            tables: TableClient(transport), failures: failures,
            composer: IngestionMessageComposer(client: identity), time: time, random: random, logger: logger, limits: limits,
            signals: signals, hooks: hooks, readers: WorkerPool(name: "reader", threads: 2), files: WorkerPool(name: "files", threads: 2),
            journalThread: WorkerPool(name: "journal", threads: 1))
    }

    private func openJournal(_ identity: LedgerIdentity) throws(JournalError) -> JournalFile {
        var options = JournalOptions(path: configuration.journal.path, journal: identity.uuid)
        options.rotateAt = configuration.journal.rotateAt
        options.keep = configuration.journal.keep
        let journal = try JournalFile(options, now: time.wallNow)
        if journal.tornBytes > 0 {
            logger.notice("a torn line was cut from the journal; its event follows", metadata: ["bytes": "\(journal.tornBytes)"])
        }
        return journal
    }

    /// A ledger that would give the journal's numbers again was restored from an older copy: it would also give SourceIDs again, and take files that
    /// were posted since for new ones (protocol.md §3).
    private func checkAge(of ledger: Ledger, against journal: JournalFile) async throws {
        let next = try await ledger.nextSeq()
        if journal.lastSeq < next { return }
        throw DaemonFailure(
            .configuration,
            """
            the ledger in \(configuration.state) is older than the journal \(configuration.journal.path): its next event would be \(next), and the \
            journal has \(journal.lastSeq). It was probably restored from a backup. Put the newer ledger back; if it is lost, move ledger.sqlite* \
            away and start once with 'kusto-spool run --adopt': files in .active then count as perhaps posted
            """)
    }

    /// Where the operator has set a limit, no faster than that.
    private func paced(_ transport: any HTTPTransport) -> (uploads: any HTTPTransport, others: any HTTPTransport) {
        let limits = configuration.limits
        if limits.bytesPerSecond == nil, limits.requestsPerSecond == nil { return (transport, transport) }
        let pace = Pace(bytesPerSecond: limits.bytesPerSecond, requestsPerSecond: limits.requestsPerSecond)
        return (
            PacedTransport(transport, pace, lane: .uploads, time: time), PacedTransport(transport, pace, lane: .others, time: time)
        )
    }

    private func curlConfiguration() -> CurlConfiguration {
        var curl = CurlConfiguration()
        curl.caFile = configuration.cluster.caFile
        curl.userAgent = "kusto-spool/\(KustoSpoolVersion.current)"
        // Blocks of large files, posts and notifications go side by side.
        curl.maximumConnections = max(64, configuration.limits.concurrency * 4)
        return curl
    }

    /// Shutdown goes from the last to the first: no more claims, then no more uploads, then the last verdicts, disposals and events.
    private func group(_ context: EngineContext, _ journal: JournalFile, _ reserve: Reserve) -> ServiceGroupConfiguration {
        let claims = ClaimNumbers()
        let foreign: NotificationPoller.ForeignPolicy = configuration.notifications.foreign == .journal ? .journal : .leave
        let announcer = JournalAnnouncer()
        var services: [any Service] = [
            JournalPump(context, journal: journal, announce: { announcer?.announce($0) }),
            FileDisposer(context),
            Housekeeper(context),
            SnapshotService(snapshots: context.snapshots),
            NotificationPoller(context, foreign: foreign),
            StatusTablePoller(context),
            UploadScheduler(context),
        ]
        for spool in context.spools { services.append(SpoolWatcher(context, spool, claims: claims)) }
        services.append(SystemdReporter(context))
        services.append(ReserveKeeper(context, reserve))
        var group = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: handlesSignals ? [.sigterm, .sigint] : [],
            logger: Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() })
        // In-flight work is bounded by itself; this is the bound on our own bugs.
        group.maximumGracefulShutdownDuration = context.limits.drainTime + .seconds(30)
        return group
    }
}
