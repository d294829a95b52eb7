/// `/__emulator/…`: what a test that runs the emulator as a process sets and sees.
struct AdministrationEndpoint: Sendable {
    let cloud: Cloud

    func answer(_ request: Request, _ path: String) -> Reply {
        switch (request.method, path) {
        case ("GET", "stats"): return .json(200, stats)
        case ("GET", "accounts"):
            // The keys of accounts that exist nowhere are no secret; with them anybody can sign.
            return .json(
                200, .object(cloud.storage.all.map { JSON.Member(name: $0.name, value: .string(Digests.base64($0.keys.current))) }))
        case ("GET", "faults"): return .json(200, faults)
        case ("POST", "faults"):
            return attempt {
                let rules = try FaultDocument.read(request.bodyBytes)
                let ids = rules.requests.map { JSON.integer(cloud.faults.add($0)) }
                let others = rules.notifications.map { JSON.integer(cloud.notificationFaults.add($0)) }
                let kinds = [JSON.Member(name: "ids", value: .array(ids))]
                let more = others.isEmpty ? [] : [JSON.Member(name: "notificationIDs", value: .array(others))]
                return .json(200, .object(kinds + more))
            }
        case ("DELETE", "faults"):
            cloud.faults.clear()
            cloud.notificationFaults.clear()
            return .empty(204)
        case ("POST", "failures"):
            return attempt {
                try SetupDocument.failures(try JSON.parse(request.bodyBytes)).forEach { cloud.forced.add($0) }
                return .empty(204)
            }
        case ("POST", "settings"):
            return attempt {
                let document = try JSON.parse(request.bodyBytes)
                var settings = cloud.settings.now
                try SettingsDocument.apply(document, to: &settings)
                cloud.settings.adjust { [settings] in $0 = settings }
                return .empty(204)
            }
        case ("POST", "change"):
            return attempt {
                try ChangeDocument.changes(try JSON.parse(request.bodyBytes)).forEach(cloud.apply)
                return .empty(204)
            }
        case ("DELETE", "failures"):
            cloud.forced.clear()
            return .empty(204)
        case ("POST", "ingestion/pause"): return done(.ingestion(paused: true))
        case ("POST", "ingestion/resume"): return done(.ingestion(paused: false))
        case ("POST", "notifications/hold"): return done(.notifications(held: true))
        case ("POST", "notifications/release"): return done(.notifications(held: false))
        case ("POST", "notifications/rotate"): return done(.rotateNotificationQueues)
        case ("POST", "signatures/expire"): return done(.expireSignatures(account: nil))
        case ("POST", "tokens/revoke"): return done(.revokeBearerTokens, .revokeIdentityTokens)
        default: return .text(404, "There is nothing at this path.\n")
        }
    }

    private func done(_ changes: EmulatorChange...) -> Reply {
        changes.forEach(cloud.apply)
        return .empty(204)
    }

    /// What cannot be understood is refused with the reason.
    private func attempt(_ body: () throws -> Reply) -> Reply {
        do { return try body() } catch { return .text(400, "\(error)\n") }
    }

    private var faults: JSON {
        .array(
            cloud.faults.accounts.map { account in
                [
                    "id": .integer(account.id), "endpoints": .array(account.rule.endpoints.map { .string($0.rawValue) }),
                    "matched": .integer(account.matched), "fired": .integer(account.fired),
                ]
            })
    }

    private var stats: JSON {
        let tables = cloud.tables.names.sorted { ($0.database, $0.table) < ($1.database, $1.table) }
        return [
            "engine": .string(cloud.engineAuthority), "requests": counts(cloud.requests.counts),
            "failedRequests": counts(cloud.requests.failures),
            "faultsFired": .integer(cloud.faults.totalFired), "faults": faults,
            "notificationFaultsFired": .integer(cloud.notificationFaults.totalFired),
            "notificationFaults": .array(
                cloud.notificationFaults.accounts.map {
                    ["id": .integer($0.id), "matched": .integer($0.matched), "fired": .integer($0.fired)]
                }),
            "clockOffsetSeconds": .integer(cloud.clock.offset.components.seconds),
            "messages": [
                "received": .integer(cloud.log.receivedCount), "outcomes": .integer(cloud.log.outcomeCount),
                "failed": .integer(cloud.log.failureCount), "notificationsSent": .integer(cloud.notifications.sentCount),
                "notificationsHeld": .integer(cloud.notifications.heldCount),
                "notificationsDelayed": .integer(cloud.notifications.waitingCount),
                "notificationsLost": .integer(cloud.notifications.lostCount),
                "notificationsForeign": .integer(cloud.notifications.foreignCount),
            ],
            "tagRaces": .integer(cloud.tagRace.landedTwice),
            "statuses": [
                "written": .integer(cloud.statuses.counts.written), "lost": .integer(cloud.statuses.counts.lost),
                "unprepared": .integer(cloud.statuses.counts.unprepared),
            ],
            "queues": .object(
                cloud.storage.all.flatMap { account in
                    account.queues.sorted { $0.name < $1.name }.map {
                        JSON.Member(name: "\(account.name)/\($0.name)", value: .integer($0.count))
                    }
                }),
            "containers": .object(
                cloud.storage.all.flatMap { account in
                    account.containers.sorted { $0.name < $1.name }.map {
                        JSON.Member(name: "\(account.name)/\($0.name)", value: .integer($0.count))
                    }
                }),
            "statusTables": .object(
                cloud.storage.all.compactMap { account in
                    account.table(TableEndpoint.statusTable).map { JSON.Member(name: account.name, value: .integer($0.count)) }
                }),
            "tables": .object(
                tables.map { JSON.Member(name: "\($0.database).\($0.table)", value: .integer(cloud.tables.rowCount($0))) }),
        ]
    }

    private func counts(_ counts: [Endpoint: Int]) -> JSON {
        .object(counts.sorted { $0.key.rawValue < $1.key.rawValue }.map { JSON.Member(name: $0.key.rawValue, value: .integer($0.value)) })
    }
}
