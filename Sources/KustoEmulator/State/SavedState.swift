import NIOCore

/// Brings the state of before back into a new cloud, and writes down what a cloud holds.
struct SavedState: Sendable {
    let cloud: Cloud

    /// Reads the log and goes on with a shortened one.
    func load() throws {
        guard cloud.stateLog.isKept else { return }
        var waiting: [String: StateRecord] = [:]
        var order: [String] = []
        for record in try cloud.stateLog.records() {
            switch record.kind {
            case "parcel":
                waiting[record.text("id")] = record
                order.append(record.text("id"))
            case "parcel-gone": waiting[record.text("id")] = nil
            default: apply(record)
            }
        }
        try cloud.tables.forgetFinished(but: Set(cloud.resources.ingestionQueues.flatMap { $0.contents.map(\.id) }))
        try cloud.stateLog.begin(with: records + order.compactMap { waiting[$0] })
        // What was kept back when the emulator was killed comes now: nobody remembers what it was kept back for.
        for id in order { if let record = waiting[id] { cloud.notifications.restore(record) } }
        // Only now: a message must not be looked at before the tokens that it may carry are known again.
        cloud.ingestor?.messageArrived()
    }

    private func apply(_ record: StateRecord) {
        let (name, part) = (record.text("account"), record.text("in"))
        switch record.kind {
        case "blob": cloud.resources.container(name, part).restore(Blob(record))
        case "blob-gone": _ = cloud.resources.container(name, part).delete(record.text("name"))
        case "block": cloud.resources.container(name, part).restore(block: record.text("id"), of: record.text("name"), record.bytes)
        case "message": cloud.resources.queue(name, part).restore(QueueMessage(record))
        case "message-seen": cloud.resources.queue(name, part).restore(sighting: QueueMessage(record))
        case "message-gone": cloud.resources.queue(name, part).forget(record.text("id"))
        case "entity": cloud.resources.table(name).restore(TableEntity(record))
        case "entity-gone": cloud.resources.table(name).forget(TableEntity.Key(record))
        case "gone": cloud.resources.remove(EmulatorChange.Resource(record), from: .storage)
        case "keys": cloud.resources.account(name).restore(keys: record.fields)
        case "resources": cloud.resources.restore(record.fields)
        case "identity": cloud.identities.restore([record.text("token"): record.moment("expires") ?? .system])
        case "identities-gone": cloud.identities.revokeAll()
        case "bearer": cloud.bearers.restore([record.text("token"): record.moment("expires") ?? .system])
        case "bearers-gone": cloud.bearers.revokeAll()
        case "failure": cloud.failures.restore(Notification(record), properties: record.text("properties"))
        default: break
        }
    }

    /// Everything that there is, as records.
    private var records: [StateRecord] {
        var records: [StateRecord] = []
        for account in cloud.storage.all {
            records.append(account.keyRecord)
            for container in account.containers { records += container.records }
            for queue in account.queues { records += queue.records }
            for table in account.tables { records += table.records }
        }
        records += cloud.identities.living.map { StateRecord("identity", [("token", .string($0)), ("expires", $1.json)]) }
        records += cloud.bearers.living.map { StateRecord("bearer", [("token", .string($0)), ("expires", $1.json)]) }
        records += cloud.failures.records
        records.append(cloud.resources.record)
        return records
    }
}

extension EmulatorChange.Resource {
    var stateFields: [(String, JSON)] {
        switch self {
        case .account(let account): [("account", .string(account))]
        case .container(let account, let name): [("account", .string(account)), ("container", .string(name))]
        case .queue(let account, let name): [("account", .string(account)), ("queue", .string(name))]
        case .table(let account): [("account", .string(account)), ("table", true)]
        }
    }

    init(_ record: StateRecord) {
        let account = record.text("account")
        if let name = record.fields["container"]?.text {
            self = .container(account: account, name: name)
        } else if let name = record.fields["queue"]?.text {
            self = .queue(account: account, name: name)
        } else {
            self = record.fields["table"] == true ? .table(account: account) : .account(account)
        }
    }
}
