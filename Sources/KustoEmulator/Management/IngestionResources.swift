import NIOConcurrencyHelpers

/// What `.get ingestion resources` lists, and the storage behind it.
final class IngestionResources: Sendable {
    private struct State {
        var accounts: [String] = []
        var failures: [Name] = []
        var successes: [Name] = []
        var rotations = 0
    }

    struct Name: Sendable, Hashable {
        let account: String
        let queue: String
    }

    private let configuration: EmulatorConfiguration
    private let settings: SettingsBox
    private let clock: EmulatorClock
    private let storage: StorageDirectory
    private let state = NIOLockedValueBox(State())

    init(_ configuration: EmulatorConfiguration, _ settings: SettingsBox, _ clock: EmulatorClock, _ storage: StorageDirectory) {
        self.configuration = configuration
        self.settings = settings
        self.clock = clock
        self.storage = storage
        for number in 1...max(1, configuration.accounts) { add("account\(number)") }
        rotateNotificationQueues()
    }

    static func isIngestionQueue(_ name: String) -> Bool { name.hasPrefix("readyforaggregation-secured") }

    /// Adds an account, with its containers and queues, to the list.
    func add(_ name: String) {
        let account = storage.account(name) ?? StorageAccount(name: name, seed: configuration.seed)
        for number in 1...max(1, configuration.containersPerAccount) where account.container(Self.container(number)) == nil {
            account.add(BlobContainer(name: Self.container(number), clock: clock))
        }
        for number in 1...max(1, configuration.queuesPerAccount) where account.queue(Self.queue(number)) == nil {
            account.add(MessageQueue(name: Self.queue(number), clock: clock))
        }
        if account.table(TableEndpoint.statusTable) == nil { account.add(StorageTable(name: TableEndpoint.statusTable, clock: clock)) }
        storage.add(account)
        state.withLockedValue { state in
            if !state.accounts.contains(name) { state.accounts.append(name) }
        }
    }

    /// Takes an account off the list; what is in it stays where it is.
    func drop(_ name: String) { state.withLockedValue { state in state.accounts.removeAll { $0 == name } } }

    /// Lists new notification queues in the place of the old ones, which stay readable.
    func rotateNotificationQueues() {
        state.withLockedValue { state in
            guard let first = state.accounts.first, let account = storage.account(first) else { return }
            let suffix = state.rotations == 0 ? "" : "-\(state.rotations)"
            state.rotations += 1
            let names = (
                failures: Name(account: first, queue: "failedingestions\(suffix)"),
                Name(account: first, queue: "successfulingestions\(suffix)")
            )
            for name in [names.0, names.1] where account.queue(name.queue) == nil {
                account.add(MessageQueue(name: name.queue, clock: clock))
            }
            state.failures = [names.0]
            state.successes = [names.1]
        }
    }

    var failureQueue: MessageQueue? { state.withLockedValue { $0.failures.first }.flatMap(queue) }

    var successQueue: MessageQueue? { state.withLockedValue { $0.successes.first }.flatMap(queue) }

    /// Every ingestion queue there is, those of accounts that are off the list too: what was posted there is still served.
    var ingestionQueues: [MessageQueue] {
        storage.all.flatMap(\.queues).filter { Self.isIngestionQueue($0.name) }.sorted { $0.name < $1.name }
    }

    /// The rows of the command's reply, with signatures made now.
    func rows(base: String, secure: Bool) -> [(type: String, root: String)] {
        let state = state.withLockedValue { $0 }
        let now = clock.now
        let settings = settings.now
        // Issuers date their signatures back, for the sake of clients whose clocks are behind.
        let start = now - .seconds(15 * 60)
        let protocols = secure ? "https" : "https,http"
        func root(_ account: String, _ path: String, _ resource: SignatureLayout.Resource, _ permissions: String, _ lifetime: Duration)
            -> String?
        {
            guard let issuer = storage.account(account)?.issuer(version: configuration.sasVersion) else { return nil }
            let query = issuer.query(
                for: resource, permissions: permissions, starting: start, expiring: now + lifetime, protocols: protocols)
            return "\(base)/\(account)/\(path)?\(query)"
        }
        var rows: [(String, String?)] = []
        for account in state.accounts {
            for number in 1...max(1, configuration.queuesPerAccount) {
                let name = Self.queue(number)
                rows.append(("SecuredReadyForAggregationQueue", root(account, name, .queue(name), "a", settings.queueSASLifetime)))
            }
        }
        for (type, names) in [("FailedIngestionsQueue", state.failures), ("SuccessfulIngestionsQueue", state.successes)] {
            for name in names {
                let permissions = configuration.notificationPermissions
                rows.append((type, root(name.account, name.queue, .queue(name.queue), permissions, settings.queueSASLifetime)))
            }
        }
        for account in state.accounts {
            for number in 1...max(1, configuration.containersPerAccount) {
                let name = Self.container(number)
                let permissions = configuration.containerPermissions
                rows.append(("TempStorage", root(account, name, .container(name), permissions, settings.containerSASLifetime)))
            }
        }
        if let first = state.accounts.first {
            let name = TableEndpoint.statusTable
            rows.append(("IngestionsStatusTable", root(first, name, .table(name), "raud", settings.queueSASLifetime)))
        }
        return rows.compactMap { type, root in root.map { (type, $0) } }
    }

    private func queue(_ name: Name) -> MessageQueue? { storage.account(name.account)?.queue(name.queue) }

    private static func container(_ number: Int) -> String { "20260101-ingestdata-\(number - 1)" }

    private static func queue(_ number: Int) -> String { "readyforaggregation-secured-\(number - 1)" }
}
