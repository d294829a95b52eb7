import KustoEmulator
import Testing

@Suite struct FaultTests {
    @Test(
        "the occurrence decides which requests are hit, and the plan counts them",
        arguments: [
            (FaultRule.Occurrence.always, [1, 2, 3, 4, 5, 6]), (.nth(3), [3]), (.first(2), [1, 2]), (.every(2), [2, 4, 6]),
            (.percent(100), [1, 2, 3, 4, 5, 6]),
            (.percent(0), []),
        ])
    func occurrences(occurrence: FaultRule.Occurrence, hit: [Int]) async throws {
        try await Emulated.with { cloud async throws in
            let url = Emulated.url(try cloud.container(), "x")
            let id = cloud.emulator.faults.add(FaultRule(.blobPut, when: occurrence, action: .reply(.serverBusy)))
            let statuses = try (1...6).map { _ in try cloud.put(url, [1]).status }
            #expect(statuses.enumerated().filter { $0.element == 503 }.map { $0.offset + 1 } == hit)
            #expect(cloud.emulator.faults.fired(id) == hit.count)
            #expect(cloud.emulator.faults.accounts.first?.matched == 6)
            #expect(cloud.emulator.requests.count(.blobPut) == 6)
            #expect(cloud.emulator.requests.failures[.blobPut] ?? 0 == hit.count)
        }
    }

    @Test("the same seed hits the same requests")
    func seeded() async throws {
        var runs: [[Int]] = []
        for _ in 0..<2 {
            try await Emulated.with({
                $0.seed = 42
                $0.faults = [FaultRule(.metadata, when: .percent(50), action: .reply(FaultReply(status: 500)))]
            }) { cloud async throws in
                runs.append(try (0..<20).map { _ in try cloud.request("GET", "/v1/rest/auth/metadata").status })
            }
        }
        #expect(runs[0] == runs[1])
        #expect(Set(runs[0]) == [200, 500])
    }

    @Test(
        "a made-up reply has the body that was asked for",
        arguments: [
            (FaultReply.Body.storage(code: "ServerBusy", message: "m"), "<Code>ServerBusy</Code>"),
            (.oneAPI(code: "LimitsExceeded", type: "t", message: "m", permanent: false), "\"@permanent\":false"),
            (.token(error: "invalid_client", description: "d"), "\"error\":\"invalid_client\""),
            (.html("<html>no</html>"), "<html>no</html>"),
            (.truncatedJSON, "{\"Tables\":[{"), (.raw("x", contentType: "text/weird"), "x"), (.empty, ""),
        ])
    func bodies(body: FaultReply.Body, part: String) async throws {
        try await Emulated.with { cloud async throws in
            cloud.emulator.faults.add(FaultRule([], action: .reply(FaultReply(status: 429, headers: [("Retry-After", "7")], body: body))))
            let reply = try cloud.manage(".show version")
            #expect(reply.status == 429)
            #expect(reply["Retry-After"] == "7")
            #expect(part.isEmpty ? reply.body.isEmpty : reply.text.contains(part))
        }
    }

    @Test("a reset before means that nothing was done, a reset after that it was, and neither has a reply")
    func resets() async throws {
        try await Emulated.with { cloud async throws in
            let url = Emulated.url(try cloud.container(), "x")
            let before = cloud.emulator.faults.add(FaultRule(.blobPut, when: .first(1), action: .resetBefore))
            #expect(throws: TestConnection.Failure.ended) { try cloud.put(url, [1]) }
            #expect(cloud.emulator.blobCount == 0)
            let after = cloud.emulator.faults.add(FaultRule(.blobPut, when: .first(1), action: .resetAfter))
            #expect(throws: TestConnection.Failure.ended) { try cloud.put(url, [1]) }
            #expect(cloud.emulator.blobCount == 1)
            #expect(cloud.emulator.faults.fired(before) == 1)
            #expect(cloud.emulator.faults.fired(after) == 1)
            #expect(cloud.emulator.faults.totalFired == 2)
            #expect(try cloud.put(url, [1]).status == 201)
        }
    }

    @Test("a hang has no reply and an end")
    func hang() async throws {
        try await Emulated.with { cloud async throws in
            cloud.emulator.faults.add(FaultRule(.metadata, action: .hang(.milliseconds(1))))
            #expect(throws: TestConnection.Failure.ended) { try cloud.request("GET", "/v1/rest/auth/metadata") }
        }
    }

    @Test("a truncated body is announced whole, a trickled or late one arrives whole")
    func deliveries() async throws {
        try await Emulated.with { cloud async throws in
            let whole = try cloud.request("GET", "/v1/rest/auth/metadata").body
            let id = cloud.emulator.faults.add(FaultRule(.metadata, action: .truncate(after: 10)))
            let cut = try cloud.request("GET", "/v1/rest/auth/metadata")
            #expect(cut.isCutShort)
            #expect(cut.body == Array(whole.prefix(10)))
            #expect(cut["Content-Length"] == String(whole.count))
            cloud.emulator.faults.remove(id)
            cloud.emulator.faults.add(FaultRule(.metadata, when: .first(1), action: .trickle(chunk: 100, pause: .milliseconds(1))))
            #expect(try cloud.request("GET", "/v1/rest/auth/metadata").body == whole)
            cloud.emulator.faults.add(FaultRule(.metadata, when: .first(1), action: .delay(.milliseconds(1))))
            #expect(try cloud.request("GET", "/v1/rest/auth/metadata").body == whole)
            #expect(cloud.emulator.faults.totalFired == 3)
        }
    }

    @Test("a rule may be aimed at one account or one queue")
    func aimed() async throws {
        try await Emulated.with { cloud async throws in
            cloud.emulator.faults.add(FaultRule(.blobPut, account: "account2", action: .reply(.serverBusy)))
            let statuses = try cloud.resources("TempStorage").map { try cloud.put(Emulated.url($0, "x"), [1]).status }
            #expect(statuses == [201, 201, 503, 503])
            cloud.emulator.faults.add(FaultRule(.queueGet, resource: "failedingestions", action: .reply(.serverBusy)))
            #expect(try cloud.request("GET", Emulated.url(cloud.failureQueue(), "messages")).status == 503)
        }
    }

    @Test("faults are set, seen and ended over HTTP, and the counts are there")
    func administration() async throws {
        try await Emulated.with { cloud async throws in
            let plan = """
                {"rules":[{"endpoint":["mgmt.resources","mgmt.identity"],"when":{"first":1},"action":{"status":503,"body":"oneapi","code":"Busy"}},
                {"endpoint":"query","action":"reset-after"},{"endpoint":"blob.put","when":{"percent":5},"action":{"truncate":3}},
                {"endpoint":"token","action":{"trickle":5,"pause":2}},{"endpoint":"table","action":{"hang":3}},{"endpoint":"*","account":"none","action":{"delay":3}}]}
                """
            #expect(try cloud.request("POST", "/__emulator/faults", [], Array(plan.utf8)).text == "{\"ids\":[1,2,3,4,5,6]}")
            #expect(try cloud.manage(".get ingestion resources").status == 503)
            let stats = try JSON.parse(try cloud.request("GET", "/__emulator/stats").body)
            #expect(stats["faultsFired"]?.integer == 1)
            #expect(stats["requests"]?["mgmt.resources"]?.integer == 1)
            #expect(stats["failedRequests"]?["mgmt.resources"]?.integer == 1)
            #expect(try cloud.request("DELETE", "/__emulator/faults").status == 204)
            #expect(cloud.emulator.faults.accounts.isEmpty)
        }
    }

    @Test(
        "a plan that cannot be understood is refused with a reason",
        arguments: [
            "", "{}", #"[{"endpoint":"blob.putt","action":"reset-before"}]"#, #"[{"action":{}}]"#,
            #"[{"when":{"never":1},"action":"reset-before"}]"#,
        ])
    func malformed(plan: String) {
        #expect(throws: (any Error).self) { try FaultDocument.rules(plan.utf8) }
    }
}
