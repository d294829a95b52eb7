import KustoEmulator
import Testing

/// What happens to the cloud as a whole: on request, and in the middle of a client's work.
@Suite struct ChangeTests {
    private static let container = "20260101-ingestdata-0"
    private static let queue = "readyforaggregation-secured-0"

    private static func change(_ text: String, _ cloud: Emulated) throws {
        let reply = try cloud.request("POST", "/__emulator/change", [], Array(text.utf8))
        try #require(reply.status == 204, "\(reply.text)")
    }

    @Test("signatures expire in the middle of an upload, at the block that was named")
    func midUpload() async throws {
        try await Emulated.with { cloud async throws in
            let rules = try FaultDocument.rules(
                #"[{"endpoint":"blob.block","when":{"nth":3},"action":{"change":"expire-signatures"}}]"#.utf8)
            cloud.emulator.faults.add(rules[0])
            let url = Emulated.url(try cloud.container(), "big.csv")
            let statuses = try ["MDE=", "MDI=", "MDM=", "MDQ="].map { id in
                try cloud.request("PUT", url.replacing("?", with: "?comp=block&blockid=\(id.replacing("=", with: "%3D"))&"), [], [1]).status
            }
            #expect(statuses == [201, 201, 403, 403])
            #expect(try cloud.put(Emulated.url(try cloud.container(), "x"), [1]).status == 201)
            #expect(cloud.emulator.faults.totalFired == 1)
        }
    }

    @Test("a lifetime that was set while running is that of the signatures given out from then on")
    func lifetimes() async throws {
        try await Emulated.with { cloud async throws in
            let old = Emulated.url(try cloud.container(), "x")
            try Self.change(#"{"settings":{"containerSASLifetime":60,"queueSASLifetime":"2min"}}"#, cloud)
            let young = Emulated.url(try cloud.container(), "y")
            let queue = Emulated.url(try cloud.ingestionQueue(), "messages")
            let body = Array("<QueueMessage><MessageText>x</MessageText></QueueMessage>".utf8)
            #expect(try cloud.put(young, [1]).status == 201)
            cloud.emulator.clock.advance(by: .seconds(61))
            #expect(try cloud.put(young, [1]).status == 403)
            #expect(try cloud.put(old, [1]).status == 201)
            #expect(try cloud.request("POST", queue, [], body).status == 201)
            cloud.emulator.clock.advance(by: .seconds(60))
            #expect(try cloud.request("POST", queue, [], body).status == 403)
        }
    }

    @Test("tokens expire after the lifetime that was set, and when they are withdrawn")
    func tokens() async throws {
        try await Emulated.with { cloud async throws in
            func token() throws -> String {
                let form =
                    "grant_type=client_credentials&client_id=00000000-0000-0000-0000-0000000000ec&client_secret=emulator-secret&scope=x%2F.default"
                let reply = try cloud.request("POST", "/emulator/oauth2/v2.0/token", [], Array(form.utf8))
                return try #require(try JSON.parse(reply.body)["access_token"]?.text)
            }
            cloud.emulator.adjust { $0.tokenLifetime = .seconds(30) }
            let first = try token()
            #expect(try cloud.manage(".show version", token: first).status == 200)
            cloud.emulator.clock.advance(by: .seconds(31))
            #expect(try cloud.manage(".show version", token: first).status == 401)
            let second = try token()
            cloud.emulator.faults.add(FaultRule(.managementVersion, when: .nth(2), action: .change([.revokeBearerTokens])))
            #expect(try cloud.manage(".show version", token: second).status == 200)
            #expect(try cloud.manage(".show version", token: second).status == 401)
        }
    }

    @Test(
        "a container, a queue and an account can leave the list, storage, or both",
        arguments: [
            ("\"container\":\"\(container)\",", "both", 3, 404), ("\"container\":\"\(container)\",", "storage", 4, 404),
            ("\"container\":\"\(container)\",", "snapshot", 3, 201), ("", "both", 2, 404), ("", "storage", 4, 404),
            ("", "snapshot", 2, 201),
        ])
    func removedContainers(part: String, place: String, listed: Int, status: Int) async throws {
        try await Emulated.with { cloud async throws in
            let url = Emulated.url(try cloud.container(), "x")
            try Self.change("{\"remove\":{\(part)\"account\":\"account1\",\"from\":\"\(place)\"}}", cloud)
            #expect(try cloud.resources("TempStorage").count == listed)
            let reply = try cloud.put(url, [1])
            #expect(reply.status == status)
            if status == 404 { #expect(reply["x-ms-error-code"] == (part.isEmpty ? "ResourceNotFound" : "ContainerNotFound")) }
            // What is listed but gone answers so as well.
            if place == "storage" { #expect(try cloud.put(Emulated.url(try cloud.container(), "x"), [1]).status == 404) }
        }
    }

    @Test("a queue that is gone answers 404, and one that was added is listed and served")
    func queues() async throws {
        try await Emulated.with { cloud async throws in
            let old = try cloud.ingestionQueue()
            try Self.change("{\"remove\":{\"account\":\"account1\",\"queue\":\"\(Self.queue)\"}}", cloud)
            #expect(try cloud.post("x", to: old)["x-ms-error-code"] == "QueueNotFound")
            #expect(try cloud.resources("SecuredReadyForAggregationQueue").count == 3)
            try Self.change(
                #"[{"add":{"account":"account3"}},{"add":{"account":"account1","queue":"readyforaggregation-secured-9"}}]"#, cloud)
            let queues = try cloud.resources("SecuredReadyForAggregationQueue")
            #expect(queues.count == 6)
            let added = try #require(queues.first { $0.contains("secured-9") })
            try cloud.post("no message", to: added)
            try await cloud.emulator.waitForOutcomes(1)
            let container = try #require(try cloud.resources("TempStorage").first { $0.contains("account3") })
            #expect(try cloud.put(Emulated.url(container, "x"), [1]).status == 201)
        }
    }

    @Test("a resource that comes back after it was gone is empty, and an account keeps what it had")
    func comesBack() async throws {
        try await Emulated.with { cloud async throws in
            try cloud.put(Emulated.url(try cloud.container(), "x"), [1])
            cloud.emulator.apply(.remove(.container(account: "account1", name: Self.container), from: .both))
            cloud.emulator.apply(.add(.container(account: "account1", name: Self.container)))
            #expect(cloud.emulator.blobCount == 0)
            #expect(try cloud.resources("TempStorage").count == 4)
            cloud.emulator.destroyAccount("account2")
            #expect(cloud.emulator.accounts == ["account1"])
            cloud.emulator.addAccount("account2")
            #expect(try cloud.put(Emulated.url(try #require(try cloud.resources("TempStorage").last), "x"), [1]).status == 201)
        }
    }

    @Test("the status table can be gone, and then statuses are lost")
    func tableGone() async throws {
        try await Emulated.with { cloud async throws in
            let table = try TableCalls(cloud)
            try Self.change(#"{"remove":{"account":"account1","table":true,"from":"storage"}}"#, cloud)
            #expect(try table.code(try table.insert("p", "r")) == "TableNotFound")
            let place: JSON = ["TableConnectionString": .string(table.url), "PartitionKey": "p", "RowKey": "r"]
            try await cloud.ingest(Array("1\n".utf8), name: "x.csv", top: ["ReportMethod": 1, "IngestionStatusInTable": place])
            #expect(cloud.emulator.statusCounts == (0, 1, 0))
        }
    }

    @Test("several notification queues of each kind are all used, and without any the verdicts are lost and counted")
    func notificationQueues() async throws {
        try await Emulated.with { cloud async throws in
            try Self.change(#"{"notification-queues":3}"#, cloud)
            #expect(try cloud.resources("FailedIngestionsQueue").count == 3)
            let queues = try cloud.resources("SuccessfulIngestionsQueue")
            for number in 0..<6 { try await cloud.ingest(Array("1\n".utf8), name: "\(number).csv") }
            for queue in queues {
                let reply = try cloud.request("GET", Emulated.url(queue, "messages", "numofmessages=32"))
                #expect(reply.elements("MessageText").count == 2)
            }
            try Self.change(#"{"notification-queues":0}"#, cloud)
            #expect(try cloud.resources("FailedIngestionsQueue").isEmpty)
            try await cloud.ingest(Array("1\n".utf8), name: "lost.csv")
            #expect(cloud.emulator.lostNotificationCount == 1)
        }
    }

    @Test("a clock that is wrong is wrong everywhere: in dates, in signatures, in notifications")
    func clock() async throws {
        try await Emulated.with({ $0.clockOffset = .seconds(-86_400 * 400) }) { cloud async throws in
            let year = try #require(try cloud.request("GET", "/v1/rest/auth/metadata")["Date"]?.split(separator: " ").dropFirst(3).first)
            let (container, queue) = (try cloud.container(), try cloud.ingestionQueue())
            let blob = Emulated.url(container, "x.csv")
            try cloud.put(blob, Array("1\n".utf8))
            try cloud.post(try cloud.message(id: "past", blob: blob, size: 2))
            try await cloud.emulator.waitForOutcomes(1)
            let on = try #require(cloud.emulator.waitingNotifications.first?.json?["SucceededOn"]?.text)
            #expect(on.hasPrefix(year))
            try Self.change(#"{"clock-offset":0}"#, cloud)
            let now = try #require(try cloud.request("GET", "/v1/rest/auth/metadata")["Date"]?.split(separator: " ").dropFirst(3).first)
            #expect(try #require(Int(now)) > (try #require(Int(year))))
            // Signatures of that time are long over by the right clock.
            #expect(try cloud.post("x", to: queue).status == 403)
            try Self.change(#"{"advance-clock":"-10min"}"#, cloud)
            #expect(cloud.emulator.clock.offset == .seconds(-600))
        }
    }

    @Test("every change has a name in JSON")
    func names() async throws {
        try await Emulated.with { cloud async throws in
            let all = #"""
                ["expire-signatures","revoke-bearers","revoke-identities","rotate-notification-queues","pause-ingestion","resume-ingestion",
                "hold-notifications","release-notifications",{"expire-signatures":"account1"},{"rotate-key":"account2"},{"advance-clock":1},
                {"foreign-notifications":10,"failures":30}]
                """#
            try Self.change(all, cloud)
            #expect(cloud.emulator.foreignNotificationCount == 10)
            #expect(cloud.emulator.waitingNotifications.map(\.isFailure).filter { $0 }.count == 3)
            #expect(try cloud.request("POST", "/__emulator/change", [], Array(#""nothing""#.utf8)).status == 400)
        }
    }
}
