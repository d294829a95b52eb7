import Glibc
import KustoEmulator
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// The daemon as systemd has it: a process that is told to stop, is killed, and has no rights to speak of.
@Suite struct DaemonProcessTests {
    @Test("SIGTERM and SIGINT end it with 0, after READY=1 and STOPPING=1", arguments: [SIGTERM, SIGINT])
    func stop(_ signal: Int32) async throws {
        try await SystemFixture.with { system in
            let socket = NotifySocket(system.directory.path("notify"))
            let program = try Program(
                ["run", "--config", system.configurationPath], in: system.directory,
                environment: ["NOTIFY_SOCKET": system.directory.path("notify")])
            let ready = await socket.states { $0.contains { $0.contains("READY=1") } }
            #expect(ready.contains { $0.contains("READY=1") })
            program.signal(signal)
            let ended = await program.finish()
            #expect(ended.status == 0, "\(ended.errors)")
            let all = await socket.states { $0.contains { $0.contains("STOPPING=1") } }
            #expect(all.contains { $0.contains("STOPPING=1") })
            #expect(ended.errors.contains("stopped"))
        }
    }

    @Test(
        "all its threads are batch work to the kernel, where nobody has chosen otherwise (sched(7): 3 is SCHED_BATCH, 5 is SCHED_IDLE)",
        arguments: [([String](), Int32(3)), (["chrt", "--idle", "0"], Int32(5))])
    func scheduling(wrapper: [String], policy: Int32) async throws {
        try await SystemFixture.with { system in
            let (policies, _) = try await system.runningProgram(behind: wrapper) { program, pool in
                system.drop("a,1\n", as: "x.csv")
                _ = try await JournalEvents.wait(for: "the verdict", in: system.journalPath, on: pool) { !$0.verdicts.isEmpty }
                return try program.schedulingPolicies()
            }
            #expect(policies.count > 5 && Set(policies) == [policy], "\(policies)")
        }
    }

    @Test("a stop does not wait for a service that never answers")
    func stopWithoutService() async throws {
        let never = FaultRule([], when: .always, action: .hang(.seconds(600)))
        try await SystemFixture.with(emulator: { $0.faults = [never] }) { system in
            system.drop("a,1\n", as: "x.csv")
            let (_, ended) = try await system.runningProgram { program, pool in
                _ = try await JournalEvents.wait(for: "the claim", in: system.journalPath, on: pool) { !$0.named("accepted").isEmpty }
                #expect(!program.errors.contains("stopped"))
            }
            #expect(ended.status == 0)
            #expect(
                !ended.errors.contains("no usable resource snapshot"), "a request was waited for until its time was over: \(ended.errors)")
        }
    }

    @Test("after SIGKILL the next start goes on, and no file is lost")
    func kill() async throws {
        try await SystemFixture.with(emulator: { $0.startsPaused = true }) { system in
            let program = try Program(["run", "--config", system.configurationPath], in: system.directory)
            for number in 0..<20 { system.drop("a,\(number)\n", as: "\(number).csv") }
            try await system.emulator.wait(for: "messages") { $0.waitingMessageCount >= 3 }
            program.signal(SIGKILL)
            #expect(await program.finish().status == 128 + SIGKILL)
            system.emulator.resumeIngestion()
            system.directory.write(system.yaml + "    on_ambiguous: repost\n", to: "kusto-spool.yaml")
            let (events, ended) = try await system.runningProgram { _, pool in
                try await JournalEvents.wait(for: "20 verdicts", in: system.journalPath, on: pool) { $0.verdicts.count >= 20 }
            }
            #expect(ended.status == 0)
            #expect(events.isGapless && Set(events.verdicts.compactMap(\.file)).count == 20)
            for number in 0..<20 {
                let bytes = Array("a,\(number)\n".utf8)
                #expect(
                    system.files().filter { $0.value == bytes }.map { $0.key.displayText.hasPrefix("spool/done/") } == [true], "\(number)")
            }
            #expect(try SecretSearch.findings(in: system.directory) == [])
        }
    }

    @Test("a file that the daemon may not read stays in the root with an alert, and is ingested once it may")
    func unreadable() async throws {
        try await SystemFixture.with { system in
            system.giveToNobody()
            let ((), ended) = try await system.runningProgram(asNobody: true) { _, pool in
                system.directory.write("secret,1\n", to: "incoming")
                chmod(system.directory.path("incoming"), 0o600)
                rename(system.directory.path("incoming"), system.directory.path("spool/x.csv"))
                let held = try await JournalEvents.wait(for: "the alert", in: system.journalPath, on: pool) { !$0.named("held").isEmpty }
                #expect(held.named("held").first?.reason?.contains("cannot be read") ?? false)
                system.drop("good,1\n", as: "good.csv")
                _ = try await JournalEvents.wait(for: "good.csv's verdict", in: system.journalPath, on: pool) {
                    $0.verdict(of: "good.csv") != nil
                }
                #expect(system.directory.read("spool/x.csv") == Array("secret,1\n".utf8))
                chmod(system.directory.path("spool/x.csv"), 0o644)
                // The next scan finds it.
                let last = try await JournalEvents.wait(for: "x.csv's verdict", in: system.journalPath, deadline: .seconds(120), on: pool) {
                    $0.verdict(of: "x.csv") != nil
                }
                #expect(last.verdicts.map(\.name) == ["succeeded", "succeeded"] && last.isGapless)
            }
            #expect(ended.status == 0, "\(ended.errors)")
            #expect(ended.errors.contains("x.csv"))
        }
    }

    @Test("a claimed file that cannot be read is held, and goes on once it can be")
    func unreadableClaim() async throws {
        let forbidden = FaultReply(status: 403, body: .storage(code: "AuthenticationFailed", message: "no"))
        try await SystemFixture.with(emulator: { $0.faults = [FaultRule(.blobPut, action: .reply(forbidden))] }) { system in
            system.giveToNobody()
            let ((), ended) = try await system.runningProgram(asNobody: true) { _, pool in
                system.drop("a,1\n", as: "x.csv")
                _ = try await JournalEvents.wait(for: "a deferral", in: system.journalPath, on: pool) { !$0.named("deferred").isEmpty }
                let claim = try #require(system.files().keys.first { $0.displayText.hasSuffix("/x.csv") }).displayText
                chmod(system.directory.path(claim), 0)
                let held = try await JournalEvents.wait(for: "the hold", in: system.journalPath, on: pool) { !$0.named("held").isEmpty }
                #expect(held.named("held").first?.code == "unreadable")
                system.emulator.faults.clear()
                chmod(system.directory.path(claim), 0o644)
                let last = try await JournalEvents.wait(for: "the verdict", in: system.journalPath, deadline: .seconds(150), on: pool) {
                    !$0.verdicts.isEmpty
                }
                #expect(last.verdicts.map(\.name) == ["succeeded"] && last.isGapless)
            }
            #expect(ended.status == 0, "\(ended.errors)")
        }
    }

    @Test("whoever may read the ledger and not write it sees the status, with the daemon running and down")
    func reader() async throws {
        try await SystemFixture.with { system in
            chmod(system.directory.path, 0o755)
            for name in ["state", "log"] { chmod(system.directory.path(name), 0o755) }
            _ = try await system.runningProgram { _, pool in
                system.drop("a,1\n", as: "x.csv")
                _ = try await JournalEvents.wait(for: "a verdict", in: system.journalPath, on: pool) { !$0.verdicts.isEmpty }
                let running = try await system.command("status", "--json", asNobody: true)
                #expect(running.status == 0 && running.output.contains("\"succeeded\":1"), "\(running.errors)")
            }
            let down = try await system.command("status", "--json", asNobody: true)
            #expect(down.status == 0 && down.output.contains("\"succeeded\":1"), "\(down.errors)")
            let retry = try await system.command("retry", "x.csv", asNobody: true)
            #expect(retry.status == 65, "\(retry.errors)")
        }
    }
}
