import NIOConcurrencyHelpers

/// What `.get ingestion resources` lists, and the storage behind it. The list and the storage can be made to disagree.
final class IngestionResources: Sendable {
    struct Listing: Sendable {
        var accounts: [String] = []
        var containers: [String: [String]] = [:]
        var queues: [String: [String]] = [:]
        /// The accounts whose status tables may be listed; the first of them that is listed itself is.
        var tables: [String] = []
        var failures: [Name] = []
        var successes: [Name] = []
        var rotations = 0
        /// Whose turn it is among several notification queues.
        var sent = 0
    }

    struct Name: Sendable, Hashable {
        let account: String
        let queue: String
    }

    private let configuration: EmulatorConfiguration
    private let settings: SettingsBox
    private let clock: EmulatorClock
    let storage: StorageDirectory
    private let log: StateLog
    private let state = NIOLockedValueBox(Listing())

    init(
        _ configuration: EmulatorConfiguration, _ settings: SettingsBox, _ clock: EmulatorClock, _ storage: StorageDirectory,
        _ log: StateLog
    ) {
        self.configuration = configuration
        self.settings = settings
        self.clock = clock
        self.storage = storage
        self.log = log
        for number in 1...max(1, configuration.accounts) { add(.account("account\(number)")) }
        rotateNotificationQueues()
    }

    /// The list as it is.
    var listing: Listing {
        get { state.withLockedValue { $0 } }
        set { state.withLockedValue { $0 = newValue } }
    }

    static func isIngestionQueue(_ name: String) -> Bool { name.hasPrefix("readyforaggregation-secured") }

    /// Makes a resource, if it is not there, and lists it.
    func add(_ resource: EmulatorChange.Resource) {
        switch resource {
        case .account(let name):
            list(account: name)
            for number in 1...max(1, configuration.containersPerAccount) {
                add(.container(account: name, name: "20260101-ingestdata-\(number - 1)"))
            }
            for number in 1...max(1, configuration.queuesPerAccount) {
                add(.queue(account: name, name: "readyforaggregation-secured-\(number - 1)"))
            }
            add(.table(account: name))
        case .container(let name, let container):
            _ = self.container(name, container)
            state.withLockedValue { $0.containers[name, default: []].include(container) }
        case .queue(let name, let queue):
            _ = self.queue(name, queue)
            let place = Name(account: name, queue: queue)
            state.withLockedValue { state in
                if queue.hasPrefix("failed") {
                    state.failures.include(place)
                } else if queue.hasPrefix("successful") {
                    state.successes.include(place)
                } else {
                    state.queues[name, default: []].include(queue)
                }
            }
        case .table(let name):
            _ = table(name)
            state.withLockedValue { $0.tables.include(name) }
        }
        log.append(record)
    }

    /// Takes a resource off the list, out of storage, or both.
    func remove(_ resource: EmulatorChange.Resource, from place: EmulatorChange.Place) {
        if place != .snapshot {
            switch resource {
            case .account(let name): storage.remove(name)
            case .container(let name, let container): storage.account(name)?.removeContainer(container)
            case .queue(let name, let queue): storage.account(name)?.removeQueue(queue)
            case .table(let name): storage.account(name)?.removeTable(TableEndpoint.statusTable)
            }
        }
        if place != .snapshot { log.append(StateRecord("gone", resource.stateFields)) }
        defer { log.append(record) }
        guard place != .storage else { return }
        state.withLockedValue { state in
            switch resource {
            case .account(let name): state.accounts.removeAll { $0 == name }
            case .container(let name, let container): state.containers[name]?.removeAll { $0 == container }
            case .queue(let name, let queue):
                state.queues[name]?.removeAll { $0 == queue }
                state.failures.removeAll { $0 == Name(account: name, queue: queue) }
                state.successes.removeAll { $0 == Name(account: name, queue: queue) }
            case .table(let name): state.tables.removeAll { $0 == name }
            }
        }
    }

    /// Lists new notification queues in the place of the old ones, which stay readable.
    func rotateNotificationQueues() { listNotificationQueues(1) }

    /// Lists so many new notification queues of each kind in the place of the old ones, spread over the accounts.
    func listNotificationQueues(_ count: Int) {
        let names = state.withLockedValue { state in
            let suffix = state.rotations == 0 ? "" : "-\(state.rotations)"
            state.rotations += 1
            state.failures = []
            state.successes = []
            guard !state.accounts.isEmpty else { return [Name]() }
            return (0..<count).flatMap { number in
                let account = state.accounts[number % state.accounts.count]
                let end = number == 0 ? suffix : "\(suffix)-\(number)"
                return ["failedingestions\(end)", "successfulingestions\(end)"].map { Name(account: account, queue: $0) }
            }
        }
        for name in names { add(.queue(account: name.account, name: name.queue)) }
    }

    /// A listed notification queue, one after the other; nil where none is listed or the listed one is gone.
    func notificationQueue(isFailure: Bool) -> MessageQueue? {
        let name = state.withLockedValue { state -> Name? in
            let names = isFailure ? state.failures : state.successes
            guard !names.isEmpty else { return nil }
            state.sent += 1
            return names[state.sent % names.count]
        }
        return name.flatMap { storage.account($0.account)?.queue($0.queue) }
    }

    /// Every ingestion queue there is, those of accounts that are off the list too: what was posted there is still served.
    var ingestionQueues: [MessageQueue] {
        storage.all.flatMap(\.queues).filter { Self.isIngestionQueue($0.name) }.sorted { $0.name < $1.name }
    }

    /// The rows of the command's reply, with signatures made now.
    func rows(base: String, secure: Bool) -> [(type: String, root: String)] {
        let state = state.withLockedValue { $0 }
        let signing = Signing(
            storage: storage, version: configuration.sasVersion, now: clock.now, base: base, protocols: secure ? "https" : "https,http")
        let settings = settings.now
        var rows: [(String, String?)] = []
        for account in state.accounts {
            for name in state.queues[account] ?? [] {
                let root = signing.root(account, name, .queue(name), "a", settings.queueSASLifetime)
                rows.append(("SecuredReadyForAggregationQueue", root))
            }
        }
        for (type, names) in [("FailedIngestionsQueue", state.failures), ("SuccessfulIngestionsQueue", state.successes)] {
            for name in names {
                let permissions = configuration.notificationPermissions
                rows.append((type, signing.root(name.account, name.queue, .queue(name.queue), permissions, settings.queueSASLifetime)))
            }
        }
        for account in state.accounts {
            for name in state.containers[account] ?? [] {
                let permissions = configuration.containerPermissions
                rows.append(
                    ("TempStorage", signing.root(account, name, .container(name), permissions, settings.containerSASLifetime)))
            }
        }
        if let account = state.tables.first(where: { state.accounts.contains($0) }) {
            let name = TableEndpoint.statusTable
            rows.append(("IngestionsStatusTable", signing.root(account, name, .table(name), "raud", settings.queueSASLifetime)))
        }
        return rows.compactMap { type, root in root.map { (type, $0) } }
    }

    private func list(account name: String) {
        _ = account(name)
        state.withLockedValue { $0.accounts.include(name) }
    }

    /// The account of that name, made if need be.
    func account(_ name: String) -> StorageAccount {
        if let account = storage.account(name) { return account }
        let account = StorageAccount(name: name, seed: configuration.seed, log: log)
        storage.add(account)
        return account
    }

    /// The container of that name, made if need be.
    func container(_ name: String, _ container: String) -> BlobContainer {
        let account = account(name)
        if let container = account.container(container) { return container }
        let made = BlobContainer(name: container, clock: clock, recorder: StateRecorder(log: log, account: name, resource: container))
        account.add(made)
        return made
    }

    /// The queue of that name, made if need be.
    func queue(_ name: String, _ queue: String) -> MessageQueue {
        let account = account(name)
        if let queue = account.queue(queue) { return queue }
        let made = MessageQueue(name: queue, clock: clock, recorder: StateRecorder(log: log, account: name, resource: queue))
        account.add(made)
        return made
    }

    /// The status table of the account, made if need be.
    func table(_ name: String) -> StorageTable {
        let account = account(name)
        if let table = account.table(TableEndpoint.statusTable) { return table }
        let recorder = StateRecorder(log: log, account: name, resource: TableEndpoint.statusTable)
        let made = StorageTable(name: TableEndpoint.statusTable, clock: clock, recorder: recorder)
        account.add(made)
        return made
    }
}

/// Makes the URLs of one reply.
private struct Signing {
    let storage: StorageDirectory
    let version: String
    let now: Moment
    let base: String
    let protocols: String

    /// The URL with a signature. One that is gone from storage is signed all the same, with the account's key; only without an account there is no key.
    func root(
        _ account: String, _ path: String, _ resource: SignatureLayout.Resource, _ permissions: String, _ lifetime: Duration
    ) -> String? {
        guard let issuer = storage.issuer(account, version: version) else { return nil }
        // Issuers date their signatures back, for the sake of clients whose clocks are behind.
        let query = issuer.query(
            for: resource, permissions: permissions, starting: now - .seconds(15 * 60), expiring: now + lifetime, protocols: protocols)
        return "\(base)/\(account)/\(path)?\(query)"
    }
}

extension Array where Element: Equatable {
    /// Appends what is not there yet.
    fileprivate mutating func include(_ element: Element) { if !contains(element) { append(element) } }
}
