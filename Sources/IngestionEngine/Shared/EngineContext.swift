package import AzureStorage
package import KustoIngest
import KustoWire
package import Ledger
package import Logging
import SpoolDirectory
package import SpoolPrimitives

/// What the parts of the engine share. A value of references: nothing in it changes after the start but what the references guard.
package struct EngineContext: Sendable {
    package var ledger: Ledger
    package var spools: [Spool]
    package var snapshots: ResourceSnapshotStore
    package var resources: ResourcePool
    package var blobs: BlobClient
    package var queues: QueueClient
    package var tables: TableClient
    /// Nil where the configuration names no query endpoint.
    package var failures: FailureList?
    package var composer: IngestionMessageComposer
    package var time: any TimeSource
    package var random: RandomSource
    package var logger: Logger
    package var limits: EngineLimits
    package var signals: EngineSignals
    package var hooks: EngineHooks
    package let drains = DrainLog()
    /// The same for the status tables.
    package let statusReadings = DrainLog()
    package let progress = EngineProgress()
    private let requestNames: RequestNames
    package let holds = RouteHolds()
    package let reconciled = Reconciled()
    let watches = WatchLoop()
    package let admission: Admission
    package let gates: AccountGates
    /// What uploads wait for, and posts are charged to.
    package let memory: ByteBudget
    /// What reading notifications and statuses waits for: no upload, however slow, keeps verdicts from being read.
    package let reportMemory: ByteBudget
    /// For reads, gzip and MD5: busy threads.
    package var readers: WorkerPool
    /// For renames, fsyncs and scans: blocked threads.
    package var files: WorkerPool
    /// For the journal alone: what it waits for must not wait behind a directory.
    package var journalThread: WorkerPool

    package init(
        ledger: Ledger, spools: [Spool], snapshots: ResourceSnapshotStore, blobs: BlobClient, queues: QueueClient,
        tables: TableClient, failures: FailureList? = nil, composer: IngestionMessageComposer, time: any TimeSource, random: RandomSource,
        logger: Logger,
        limits: EngineLimits,
        signals: EngineSignals, hooks: EngineHooks = EngineHooks(), readers: WorkerPool, files: WorkerPool, journalThread: WorkerPool
    ) {
        self.ledger = ledger
        self.spools = spools
        self.snapshots = snapshots
        self.blobs = blobs
        self.queues = queues
        self.tables = tables
        self.failures = failures
        self.composer = composer
        self.time = time
        gates = AccountGates(time: time)
        let reports = ByteCount(limits.memory.bytes / 8)
        memory = ByteBudget(ByteCount(limits.memory.bytes - reports.bytes))
        reportMemory = ByteBudget(reports)
        resources = ResourcePool(snapshots: snapshots, gates: gates, time: time, random: random)
        self.random = random
        requestNames = RequestNames(run: random.uuid())
        self.logger = logger
        self.limits = limits
        self.signals = signals
        self.hooks = hooks
        admission = Admission(logger: logger, signals: signals)
        self.readers = readers
        self.files = files
        self.journalThread = journalThread
    }

    /// Runs a file operation on its threads; nil where it failed for a reason that may pass or that somebody must mend, which is logged.
    ///
    /// - Throws: only what the process must not go on after (protocol.md §7).
    func onFiles<Value: Sendable>(
        _ what: String, _ body: @escaping @Sendable () throws(SpoolError) -> Value
    ) async throws(SpoolError) -> Value? {
        do throws(SpoolError) {
            return try await files.run(body)
        } catch {
            if error.kind == .fsyncFailed { throw error }
            logger.error("a file operation failed; tried again", metadata: ["operation": "\(what)", "error": "\(error)"])
            return nil
        }
    }

    /// Looks at how many events wait for the journal, and lets admission know.
    func checkOutbox() {
        let pending = ledger.figures.pendingEvents
        if pending >= limits.pendingEvents {
            admission.stop(.outboxIsFull, because: "the journal is too far behind: \(pending) events wait in the ledger")
        } else {
            admission.resume(.outboxIsFull)
        }
    }

    /// A name for one call, which storage echoes and logs.
    func requestID() -> ClientRequestID { requestNames.next() }

    func spool(_ key: SpoolKey) -> Spool? { spools.first { $0.key == key } }

    /// When a channel's reports were last read to their end.
    func readings(of channel: ReportChannel) -> DrainLog {
        switch channel {
        case .queues: drains
        case .tables: statusReadings
        }
    }

    /// When the last complete reading began of all that a message with this method may be reported by; nil when there was none.
    func readingBegan(of method: ReportMethod) -> Timestamp? {
        let readings = ReportChannel.allCases.filter { $0.methods.contains(method) }.map { self.readings(of: $0).lastCompleteBegan }
        return readings.contains(nil) ? nil : readings.compactMap { $0 }.min()
    }
}

/// The engine's bounds (P7). The defaults serve a machine that has other things to do.
package struct EngineLimits: Sendable {
    /// Sources that are being uploaded or posted at one time.
    package var concurrency: Int
    /// Bytes in buffers: of files that are being uploaded, of posts, and of what is read of notifications and statuses.
    package var memory: ByteCount
    /// A blob above this size goes up in blocks of it. 4 MiB is what the SDKs use; the service takes 100 MiB at the most with an old SAS.
    package var blockSize: ByteCount
    /// Blocks of one file on their way at one time.
    package var blocksInFlight: Int
    /// How long a stop waits for what is in flight before it is cut off.
    package var drainTime: Duration
    /// Events that may wait in the ledger for a journal that cannot be written: some 100 MB of them.
    package var pendingEvents: Int64

    /// Rows with work to do that one query brings.
    var readAhead: Int { min(2 * concurrency, 512) }
    /// As long as a spool has so many fresh files in the ledger, its next claim can wait until it is worth its flushes.
    var leastFresh: Int { readAhead }

    package init(
        concurrency: Int = 64, memory: ByteCount = .mebibytes(64), blockSize: ByteCount = .mebibytes(4), blocksInFlight: Int = 4,
        drainTime: Duration = .seconds(20), pendingEvents: Int64 = 200_000
    ) {
        self.concurrency = concurrency
        self.memory = memory
        self.blockSize = blockSize
        self.blocksInFlight = blocksInFlight
        self.drainTime = drainTime
        self.pendingEvents = pendingEvents
    }
}

/// "Look again": each part waits on its own, and whoever makes work for it raises it.
package struct EngineSignals: Sendable {
    /// For the upload scheduler: sources are ready, or a slot is free.
    package let sources = Signal()
    /// For the notification poller: a message was posted.
    package let posted = Signal()
    /// For the reader of status tables: a message was posted whose status is kept in one.
    package let tables = Signal()
    /// For the disposer: verdicts were stored.
    package let verdicts = Signal()
    /// For the journal's pump: events were stored.
    package let events = Signal()
    /// For the watchers: sources were posted, so that there is room again.
    package let room = Broadcast()

    package init() {}

    /// A message was posted: its verdict is not far, by whichever channel.
    func posted(reporting properties: IngestionProperties) {
        for channel in ReportChannel.allCases where channel.methods.contains(properties.effectiveReportMethod) { posted(to: channel) }
    }

    func posted(to channel: ReportChannel) {
        switch channel {
        case .queues: posted.raise()
        case .tables: tables.raise()
        }
    }
}

/// Named points at which a test stops the world: nil by default, one branch each.
package struct EngineHooks: Sendable {
    package enum Point: String, Sendable, CaseIterable {
        case filesClaimed
        case claimCommitted
        case uploaded
        case postingCommitted
        case posted
        case queuedCommitted
        case notificationRead
        case verdictCommitted
        case notificationDeleted
        /// Settled files are about to be put where their verdicts want them.
        case disposalFound
        case fileDisposed
        /// A file that changed after its post is in failed/, and its row does not say so yet.
        case changedFileKept
        case disposalCommitted
        case journalAppended
        case journalDrained
        /// A round of retention is over.
        case donePurged
    }

    package var reached: (@Sendable (Point) async -> Void)?

    package init(reached: (@Sendable (Point) async -> Void)? = nil) { self.reached = reached }

    func at(_ point: Point) async {
        if let reached { await reached(point) }
    }
}
