/// The parts of the emulated cloud, put together; what endpoints and ingestor work with.
final class Cloud: Sendable {
    let configuration: EmulatorConfiguration
    let settings: SettingsBox
    let clock: EmulatorClock
    let hub = EventHub()
    let storage = StorageDirectory()
    let stateLog: StateLog
    let resources: IngestionResources
    let bearers: BearerTokens
    let identities: IdentityTokens
    let faults: FaultPlan
    let notificationFaults: NotificationPlan
    let requests: RequestLog
    let log: IngestionLog
    let tables: TableStore
    let statuses: StatusWriter
    let notifications: NotificationSender
    let forced: ForcedFailures
    let tagRace: TagRace
    let failures: FailureLog
    private let state = CloudState()

    init(_ configuration: EmulatorConfiguration) throws {
        self.configuration = configuration
        settings = SettingsBox(configuration)
        clock = EmulatorClock(offset: configuration.clockOffset)
        if let directory = configuration.stateDirectory { try Files.makeDirectory(directory) }
        stateLog = StateLog(directory: configuration.stateDirectory)
        resources = IngestionResources(configuration, settings, clock, storage, stateLog)
        bearers = BearerTokens(clock: clock, settings: settings, log: stateLog, fixed: configuration.staticToken)
        identities = IdentityTokens(clock: clock, settings: settings, log: stateLog)
        faults = FaultPlan(rules: configuration.faults, seed: configuration.seed)
        notificationFaults = NotificationPlan(rules: configuration.notificationFaults, seed: configuration.seed ^ 0x6E6F_7469_6679)
        requests = RequestLog(limit: configuration.requestLogLimit)
        log = IngestionLog(limit: configuration.messageLogLimit)
        tables = try TableStore(path: configuration.stateDirectory.map { "\($0)/tables.sqlite" })
        statuses = StatusWriter(storage, clock)
        notifications = NotificationSender(resources, statuses, notificationFaults, clock, hub, stateLog)
        forced = ForcedFailures(configuration.forcedFailures)
        failures = FailureLog(clock, stateLog)
        tagRace = TagRace(settings, seed: configuration.seed)
        try tables.transaction { writer in
            for table in configuration.tables {
                let name = TableStore.Name(database: table.database, table: table.table)
                try writer.table(name, columns: table.columns, isDeclared: true)
            }
        }
        state.ingestor = Ingestor(self)
    }

    /// The host and port under which the emulator listens; known once it does.
    var authority: String {
        get { state.authority }
        set { state.authority = newValue }
    }

    /// The same of the engine.
    var engineAuthority: String {
        get { state.engineAuthority }
        set { state.engineAuthority = newValue }
    }

    var ingestor: Ingestor? { state.ingestor }

    /// A message has come into one of the queues; only an ingestion queue concerns the ingestor.
    func messageArrived(_ queue: MessageQueue) {
        hub.changed()
        if IngestionResources.isIngestionQueue(queue.name) { ingestor?.messageArrived() }
    }
}
