import IngestionEngine
import KustoEmulator
import Ledger
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// `coalesce`: small files that travel together, through the whole daemon.
@Suite(.timeLimit(.minutes(10))) struct CoalescingTests {
    private static func route(_ options: String..., maxFiles: Int = 1000) -> SystemFixture.Route {
        SystemFixture.Route(options: options + ["coalesce: { max_files: \(maxFiles), max_wait: 200 ms }"])
    }

    /// What the ingestor has got: the record of each message, in order.
    private static func messages(_ system: SystemFixture) throws -> [[String]] {
        try PostedBlob.all(of: system.emulator).map { blob in
            let bytes = try #require(Gunzip.unpack(blob.bytes))
            #expect(blob.announcedRawSize == bytes.count)
            return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        }
    }

    private static func files(_ system: SystemFixture) -> [String] {
        system.files().keys.map(\.displayText).filter { $0 != "spool/.active/.lock" }
    }

    @Test("files that are dropped together are one message, each has its verdict in the journal, and all of them are in done/")
    func together() async throws {
        try await SystemFixture.with(routes: [Self.route()]) { system in
            for number in 0..<250 { system.drop("f\(number),1\nf\(number),2\n", as: "f\(number).csv") }
            let events = try await system.running { try await $0.verdicts(250) }
            #expect(events.isGapless)
            for number in 0..<250 {
                #expect(events.of(file: "f\(number).csv").map(\.name) == ["accepted", "queued", "succeeded"])
            }
            let messages = try Self.messages(system)
            #expect(messages.count < 6, "\(messages.count) messages for 250 files")
            #expect(messages.joined().sorted() == (0..<250).flatMap { ["f\($0),1", "f\($0),2"] }.sorted())
            #expect(system.emulator.rowCount("Test", "T") == 500)
            #expect(Self.files(system).allSatisfy { $0.hasPrefix("spool/done/") } && Self.files(system).count == 250)
            let fsck = try await system.command("fsck")
            #expect(fsck.status == 0 && fsck.output.contains("no differences"), "\(fsck.output)")
        }
    }

    @Test("headers are left out of the blob, and the message says that there is none; a file with another header travels alone")
    func headers() async throws {
        try await SystemFixture.with(routes: [Self.route("ignore_first_record: true")]) { system in
            for number in 0..<10 { system.drop("h,i\nf\(number),1\n", as: "f\(number).csv") }
            system.drop("i,h\nother,1\n", as: "other.csv")
            let events = try await system.running { try await $0.verdicts(11) }
            #expect(events.named("succeeded").count == 11)
            #expect(events.of(file: "other.csv").map(\.name) == ["accepted", "separated", "queued", "succeeded"])
            #expect(events.named("separated").map(\.code) == ["other_header"])
            #expect(system.emulator.rowCount("Test", "T") == 11)
            let flags = system.emulator.receivedMessages.compactMap {
                $0.json?["AdditionalProperties"]?["ignoreFirstRecord"]?.text
            }
            #expect(flags == ["true"], "only the one that is alone has a header: \(flags)")
        }
    }

    @Test("one bad file does not condemn the others: each is sent again alone, and has its own verdict and reason")
    func split() async throws {
        try await SystemFixture.with(routes: [Self.route()]) { system in
            for number in 0..<20 { system.drop("f\(number),1\n", as: "f\(number).csv") }
            system.drop("bad,1\nbad\n", as: "bad.csv")
            let events = try await system.running { try await $0.verdicts(21) }
            #expect(events.named("succeeded").count == 20)
            #expect(events.verdict(of: "bad.csv")?.name == "failed" && events.verdict(of: "bad.csv")?.code == "Stream_WrongNumberOfFields")
            #expect(Set(events.named("superseded").map(\.code)) == ["Stream_WrongNumberOfFields"])
            #expect(events.of(file: "bad.csv").map(\.name) == ["accepted", "queued", "superseded", "queued", "failed"])
            #expect(events.of(file: "f7.csv").map(\.name).last == "succeeded")
            #expect(system.directory.names(in: "spool/failed").count == 2, "the file and the directory of reasons")
            let reason = system.directory.read("spool/failed/.reasons/bad.csv.json").map { String(decoding: $0, as: UTF8.self) }
            #expect(reason?.contains("\"file\":\"bad.csv\"") == true && reason?.contains("Stream_WrongNumberOfFields") == true)
            #expect(system.emulator.rowCount("Test", "T") == 20, "nothing of the whole was ingested, and each alone once")
        }
    }

    @Test("a failure that is nobody's fault sends the whole again together")
    func retried() async throws {
        try await SystemFixture.with(routes: [Self.route()], emulator: { $0.startsPaused = true }) { system in
            for number in 0..<10 { system.drop("f\(number),1\n", as: "f\(number).csv") }
            let events = try await system.running { daemon in
                let posted = try await daemon.events("the post") { $0.named("queued").count == 10 }
                let source = try #require(posted.named("queued").first?.source)
                system.emulator.injectNotification(
                    [
                        "IngestionSourceId": .string(source), "ErrorCode": "General_RetryAttemptsExceeded", "FailureStatus": "Exhausted",
                        "FailedOn": "2026-01-01T00:00:00Z", "ShouldRetry": true,
                    ], isFailure: true)
                _ = try await daemon.events("the second post") { $0.named("queued").count == 20 }
                system.emulator.resumeIngestion()
                return try await daemon.verdicts(10)
            }
            #expect(events.named("superseded").count == 10)
            #expect(Set(events.named("queued").compactMap(\.source)).count == 2, "two messages in all")
        }
    }

    @Test("a file that changes or goes after the post leaves the whole, and the others are disposed of with it")
    func changedAfter() async throws {
        let changes = Flag()
        try await SystemFixture.with(routes: [Self.route("on_success: { action: delete }")]) { system in
            for name in ["a", "b", "c"] { system.drop("\(name),1\n", as: "\(name).csv") }
            let hooks = EngineHooks { point in
                guard point == .queuedCommitted, changes.setOnce() else { return }
                for claim in system.directory.names(in: "spool/.active") where !claim.isHidden {
                    system.directory.write("b,1\nb,2\n", to: "spool/.active/\(claim)/b.csv")
                    system.directory.removeFile(TemporaryDirectory.relative("spool/.active/\(claim)/c.csv"))
                }
            }
            let events = try await system.running(hooks: hooks) { daemon in
                try await daemon.events("the changed file's end") { !$0.named("changed_after_post").isEmpty }
            }
            #expect(events.verdicts.map(\.name) == ["succeeded", "succeeded", "succeeded"])
            #expect(events.of(file: "b.csv").map(\.name) == ["accepted", "queued", "succeeded", "separated", "changed_after_post"])
            #expect(events.of(file: "a.csv").map(\.name) == ["accepted", "queued", "succeeded"])
            #expect(Self.files(system) == ["spool/failed/b.csv"])
            let fsck = try await system.command("fsck")
            #expect(fsck.status == 0, "\(fsck.output)")
        }
    }

    @Test("a start finds whole and files as they were left: what changed meanwhile is held alone, and the others are ingested")
    func restart() async throws {
        try await SystemFixture.with(routes: [Self.route()]) { system in
            for name in ["a", "b", "c"] { system.drop("\(name),1\n", as: "\(name).csv") }
            let outage = system.emulator.faults.add(FaultRule(.blobPut, when: .always, action: .resetBefore))
            try await system.running { daemon in _ = try await daemon.events("the claim") { $0.named("deferred").count == 3 } }
            for claim in system.directory.names(in: "spool/.active") where !claim.isHidden {
                system.directory.write("b", to: "spool/.active/\(claim)/b.csv")
            }
            system.emulator.faults.remove(outage)
            let events = try await system.running { daemon in
                try await daemon.events("the others' verdicts") { $0.verdicts.count == 2 && !$0.named("held").isEmpty }
            }
            #expect(events.of(file: "b.csv").map(\.name).filter { $0 != "deferred" } == ["accepted", "separated", "held"])
            #expect(events.named("held").map(\.code) == ["size_differs"])
            #expect(events.verdict(of: "a.csv")?.name == "succeeded" && events.verdict(of: "c.csv")?.name == "succeeded")
            let shown = try await system.command("show", "b.csv")
            #expect(shown.output.contains("held") && shown.output.contains("/b.csv"), "\(shown.output)")
        }
    }

    @Test("what joins no blob by its format, and what is to be dropped as a repeat, cannot be coalesced")
    func refused() async throws {
        for (route, complaint) in [
            (SystemFixture.Route(format: "parquet", options: ["coalesce: {}"]), "'parquet' cannot be joined"),
            (SystemFixture.Route(options: ["coalesce: {}", "dedupe: ingest_by"]), "cannot be used with dedupe"),
        ] {
            try await SystemFixture.with(routes: [route]) { system in
                let checked = try await system.command("check-config")
                #expect(checked.status == 78 && checked.errors.contains(complaint), "\(checked.status) \(checked.errors)")
            }
        }
    }

    @Test("the commands know a file by its name wherever it travels")
    func commands() async throws {
        try await SystemFixture.with(routes: [Self.route()], emulator: { $0.startsPaused = true }) { system in
            for name in ["a", "b", "c"] { system.drop("\(name),1\n", as: "\(name).csv") }
            try await system.running { daemon in
                _ = try await daemon.events("the post") { $0.named("queued").count == 3 }
                let shown = try await system.command("show", "b.csv")
                #expect(shown.status == 0 && shown.output.contains("queued") && shown.output.contains("/b.csv"), "\(shown.output)")
                let status = try await system.command("status", "--json")
                #expect(status.output.contains("\"awaiting_verdict\":3"), "\(status.output)")
                system.emulator.resumeIngestion()
                _ = try await daemon.verdicts(3)
            }
            let shown = try await system.command("show", "b.csv")
            #expect(shown.output.contains("succeeded") && shown.output.contains("/done/"), "\(shown.output)")
        }
    }

    private final class Flag: Sendable {
        private let isSet = Lock(false)
        /// - Returns: whether it was not set before.
        func setOnce() -> Bool {
            isSet.withLock { set in
                defer { set = true }
                return !set
            }
        }
    }
}
