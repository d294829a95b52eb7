import KustoEmulator
import Testing

@Suite struct NotificationFaultTests {
    private func add(_ text: String, to cloud: Emulated) throws {
        let reply = try cloud.request("POST", "/__emulator/faults", [], Array(text.utf8))
        try #require(reply.status == 200, "\(reply.text)")
    }

    private func ingest(_ count: Int, _ cloud: Emulated, fails: Bool = false) async throws {
        let before = cloud.emulator.outcomeCount
        for number in 0..<count {
            try await cloud.ingest(fails ? [] : Array("1\n".utf8), name: "\(before + number).csv", id: "id\(before + number)")
        }
    }

    private func ids(_ cloud: Emulated, failures: Bool) throws -> [String] {
        cloud.emulator.waitingNotifications.filter { $0.isFailure == failures }.compactMap { $0.json?["IngestionSourceId"]?.text }
    }

    @Test("a lost verdict never comes, and is counted")
    func lost() async throws {
        try await Emulated.with { cloud async throws in
            try add(#"[{"notification":"success","when":{"nth":2},"action":"lose"}]"#, to: cloud)
            try await ingest(3, cloud)
            try await ingest(1, cloud, fails: true)
            #expect(try ids(cloud, failures: false) == ["id0", "id2"])
            #expect(try ids(cloud, failures: true) == ["id3"])
            #expect(cloud.emulator.lostNotificationCount == 1)
            #expect(cloud.emulator.notificationFaults.accounts.map(\.matched) == [3])
            #expect(cloud.emulator.notificationFaults.totalFired == 1)
        }
    }

    @Test("a duplicated verdict comes so many times more, and a rule may be about one table")
    func duplicated() async throws {
        try await Emulated.with { cloud async throws in
            try add(#"[{"notification":"any","table":"T","action":{"duplicate":2}}]"#, to: cloud)
            try await ingest(1, cloud)
            try await cloud.ingest(Array("1\n".utf8), name: "other.csv", id: "other", table: "Other")
            #expect(try ids(cloud, failures: false) == ["id0", "id0", "id0", "other"])
        }
    }

    @Test("a delayed verdict comes when its time has come")
    func delayed() async throws {
        try await Emulated.with { cloud async throws in
            try add(#"[{"notification":"any","when":{"first":1},"action":{"delay":3600000}}]"#, to: cloud)
            try await ingest(2, cloud)
            #expect(try ids(cloud, failures: false) == ["id1"])
            #expect(cloud.emulator.delayedNotificationCount == 1)
            cloud.emulator.clock.advance(by: .seconds(3601))
            #expect(try ids(cloud, failures: false).sorted() == ["id0", "id1"])
            cloud.emulator.notificationFaults.add(NotificationRule(when: .first(1), action: .delay(.milliseconds(1))))
            try await ingest(1, cloud)
            try await cloud.emulator.wait { $0.waitingNotifications.count == 3 }
        }
    }

    @Test("reordered verdicts come behind others, or when none do after a while")
    func reordered() async throws {
        try await Emulated.with { cloud async throws in
            try add(#"[{"notification":"any","when":{"nth":1},"action":{"reorder":2,"within":3600000}}]"#, to: cloud)
            try await ingest(2, cloud)
            #expect(try ids(cloud, failures: false) == ["id1"])
            try await ingest(1, cloud)
            #expect(Set(try ids(cloud, failures: false)) == ["id0", "id1", "id2"])
            try add(#"[{"notification":"any","when":{"nth":1},"action":{"reorder":5,"within":1}}]"#, to: cloud)
            try await ingest(1, cloud)
            try await cloud.emulator.wait { $0.waitingNotifications.count == 4 }
        }
    }

    @Test("contradicting verdicts come both, in either order")
    func contradicting() async throws {
        try await Emulated.with { cloud async throws in
            try add(#"[{"notification":"any","action":"contradict"}]"#, to: cloud)
            try await ingest(1, cloud)
            #expect(try ids(cloud, failures: false) == ["id0"])
            #expect(try ids(cloud, failures: true) == ["id0"])
            #expect(
                cloud.emulator.waitingNotifications.first(where: \.isFailure)?.json?["ErrorCode"]?.text == "General_InternalServerError")
        }
    }

    @Test("verdicts have unknown members, other types, or cannot be read at all")
    func spoilt() async throws {
        try await Emulated.with { cloud async throws in
            try add(#"[{"notification":"failure","when":{"nth":1},"action":"unknown-fields"}]"#, to: cloud)
            try add(#"[{"notification":"failure","when":{"nth":2},"action":"other-types"}]"#, to: cloud)
            try add(#"[{"notification":"failure","when":{"nth":3},"action":"garbage"}]"#, to: cloud)
            try await ingest(3, cloud, fails: true)
            let bodies = cloud.emulator.waitingNotifications.map(\.json)
            let unknown = try #require(bodies.first { $0?["IngestionSourceId"] == "id0" } ?? nil)
            #expect(unknown["Zeta"]?["deep"]?.elements?.count == 3)
            #expect(unknown["ErrorCode"] == "BadRequest_EmptyBlob")
            let other = try #require(bodies.first { $0?["IngestionSourceId"] == "id1" } ?? nil)
            #expect(other["FailureStatus"] == 1)
            #expect(other["ShouldRetry"] == "False")
            #expect(bodies.count == 3)
            try add(#"[{"notification":"failure","when":{"first":1},"action":"other-types"}]"#, to: cloud)
            try await cloud.ingest(Array("1,2\n3\n".utf8), name: "y.csv", id: "id3")
            let numbered = try #require(cloud.emulator.waitingNotifications.first { $0.json?["IngestionSourceId"] == "id3" }?.json)
            #expect(numbered["ErrorCode"] == 2_161_770_504)
            #expect(!bodies.contains { $0?["IngestionSourceId"] == "id2" })
        }
    }

    @Test("verdicts in the status table go wrong in the same ways")
    func table() async throws {
        try await Emulated.with { cloud async throws in
            let table = try TableCalls(cloud)
            func ingest(_ id: String, fails: Bool) async throws -> JSON {
                try table.insert(id, id, ["Status": "Pending"])
                let place: JSON = ["TableConnectionString": .string(table.url), "PartitionKey": .string(id), "RowKey": .string(id)]
                try await cloud.ingest(
                    fails ? [] : Array("1\n".utf8), name: "\(id).csv", id: id, top: ["ReportMethod": 2, "IngestionStatusInTable": place])
                return try table.get(id, id)
            }
            try add(#"[{"notification":"any","method":"table","when":{"nth":1},"action":"lose"}]"#, to: cloud)
            #expect(try await ingest("a", fails: false)["Status"] == "Pending")
            #expect(cloud.emulator.waitingNotifications.count == 1)
            try add(#"[{"notification":"any","method":"table","when":{"nth":1},"action":"other-types"}]"#, to: cloud)
            let typed = try await ingest("b", fails: true)
            #expect(typed["FailureStatus"] == 1)
            #expect(typed["OriginatesFromUpdatePolicy"] == "False")
            try add(#"[{"notification":"any","method":"table","when":{"nth":1},"action":{"delay":3600000}}]"#, to: cloud)
            #expect(try await ingest("c", fails: false)["Status"] == "Pending")
            cloud.emulator.clock.advance(by: .seconds(3601))
            #expect(try table.get("c", "c")["Status"] == "Succeeded")
        }
    }

    @Test("the same seed loses the same verdicts")
    func seeded() async throws {
        var runs: [[String]] = []
        for _ in 0..<2 {
            try await Emulated.with({
                $0.seed = 5
                $0.notificationFaults = [NotificationRule(when: .percent(50), action: .lose)]
            }) { cloud async throws in
                try await ingest(12, cloud)
                runs.append(try ids(cloud, failures: false).sorted())
            }
        }
        #expect(runs[0] == runs[1])
        #expect(!runs[0].isEmpty && runs[0].count < 12)
    }

    @Test("a hundred thousand foreign notifications are put in at once, and all of them can be read")
    func foreign() async throws {
        try await Emulated.with { cloud async throws in
            cloud.emulator.injectForeignNotifications(100_000, failurePercent: 40)
            #expect(cloud.emulator.foreignNotificationCount == 100_000)
            let reply = try cloud.request("GET", Emulated.url(try cloud.failureQueue(), "", "comp=metadata").replacing("/?", with: "?"))
            #expect(reply["x-ms-approximate-messages-count"] == "40000")
            let page = try cloud.request("GET", Emulated.url(try cloud.failureQueue(), "messages", "numofmessages=32"))
            let texts = page.elements("MessageText")
            #expect(texts.count == 32)
            let json = try #require(texts.first.flatMap { Digests.bytes(base64: $0) }.flatMap { JSON(parsing: $0) })
            #expect(json["ErrorCode"] == "Download_NotTransient")
            #expect(json["Database"] == "Other")
            try add(#"[{"notification":"any","action":{"foreign":3}}]"#, to: cloud)
            try await ingest(1, cloud)
            #expect(cloud.emulator.foreignNotificationCount == 100_003)
        }
    }

    @Test("rules about verdicts are counted in the statistics, and end with the others")
    func administration() async throws {
        try await Emulated.with { cloud async throws in
            let plan = #"{"rules":[{"endpoint":"token","action":"html"},{"notification":"any","action":"lose"}]}"#
            let reply = try cloud.request("POST", "/__emulator/faults", [], Array(plan.utf8))
            #expect(reply.text == #"{"ids":[1],"notificationIDs":[1]}"#)
            try await ingest(1, cloud)
            let stats = try JSON.parse(try cloud.request("GET", "/__emulator/stats").body)
            #expect(stats["notificationFaultsFired"] == 1)
            #expect(stats["notificationFaults"]?.elements?.first?["fired"] == 1)
            #expect(stats["messages"]?["notificationsLost"] == 1)
            #expect(try cloud.request("DELETE", "/__emulator/faults").status == 204)
            #expect(cloud.emulator.notificationFaults.accounts.isEmpty)
        }
    }

    @Test("the command line takes rules of both sorts and a wrong clock")
    func options() throws {
        let options = EmulatorOptions(
            host: "127.0.0.1", port: 0, enginePort: 0, portFile: nil, stateDirectory: nil, tlsCertificate: nil, tlsKey: nil,
            batchingDelay: "1s",
            ingest: "rows", accounts: 1, latencyMilliseconds: 0, faultFile: nil,
            faults: [#"{"endpoint":"token","action":{"error":"Entra.Unavailable"}}"#, #"[{"notification":"any","action":"lose"}]"#],
            setupFile: nil,
            clockOffset: "-10min", seed: 1, dropsBlobs: false, isQuiet: true)
        let configuration = try options.resolved()
        #expect(configuration.faults.count == 1)
        #expect(configuration.notificationFaults.count == 1)
        #expect(configuration.clockOffset == .seconds(-600))
    }
}
