/// The list of resources, and what there is of them, over a restart.
extension IngestionResources {
    /// The list and the names of all that there is, to be written down.
    var record: StateRecord {
        let listing = listing
        func names(_ names: [String]) -> JSON { .array(names.map { .string($0) }) }
        func places(_ places: [Name]) -> JSON { .array(places.map { [.string($0.account), .string($0.queue)] }) }
        func parts(_ parts: [String: [String]]) -> JSON { .object(parts.map { JSON.Member(name: $0, value: names($1)) }) }
        let storage: [JSON] = storage.all.map { account in
            [
                "account": .string(account.name), "containers": names(account.containers.map(\.name)),
                "queues": names(account.queues.map(\.name)), "table": .bool(!account.tables.isEmpty),
            ]
        }
        return StateRecord(
            "resources",
            [
                ("accounts", names(listing.accounts)), ("containers", parts(listing.containers)), ("queues", parts(listing.queues)),
                ("tables", names(listing.tables)), ("failures", places(listing.failures)), ("successes", places(listing.successes)),
                ("rotations", .integer(listing.rotations)), ("storage", .array(storage)),
            ])
    }

    /// Puts the list back, and makes storage hold what it held: no more, and empty where nothing was written down of it.
    func restore(_ fields: JSON) {
        func names(_ json: JSON?) -> [String] { (json?.elements ?? []).compactMap(\.text) }
        func places(_ json: JSON?) -> [Name] {
            (json?.elements ?? []).compactMap { pair in
                guard let account = pair.elements?.first?.text, let queue = pair.elements?.last?.text else { return nil }
                return Name(account: account, queue: queue)
            }
        }
        func parts(_ json: JSON?) -> [String: [String]] {
            Dictionary((json?.members ?? []).map { ($0.name, names($0.value)) }, uniquingKeysWith: { first, _ in first })
        }
        listing = Listing(
            accounts: names(fields["accounts"]), containers: parts(fields["containers"]), queues: parts(fields["queues"]),
            tables: names(fields["tables"]), failures: places(fields["failures"]), successes: places(fields["successes"]),
            rotations: fields["rotations"]?.integer ?? 0)
        var kept: Set<String> = []
        for entry in fields["storage"]?.elements ?? [] {
            guard let name = entry["account"]?.text else { continue }
            kept.insert(name)
            let account = account(name)
            let (containers, queues) = (names(entry["containers"]), names(entry["queues"]))
            containers.forEach { _ = container(name, $0) }
            queues.forEach { _ = queue(name, $0) }
            for container in account.containers where !containers.contains(container.name) { account.removeContainer(container.name) }
            for queue in account.queues where !queues.contains(queue.name) { account.removeQueue(queue.name) }
            if entry["table"] == true { _ = table(name) } else { account.removeTable(TableEndpoint.statusTable) }
        }
        for account in storage.all where !kept.contains(account.name) { storage.remove(account.name) }
    }
}
