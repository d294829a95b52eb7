import Glibc
import KustoEmulator
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// Errors of the system at the k-th call (protocol.md §7): the daemon goes on, or ends and says why; after a restart nothing is lost.
@Suite(.serialized) struct SystemErrorMatrixTests {
    /// An error, and the calls that it can happen to.
    struct Case: Sendable, CustomStringConvertible {
        var error: CountedCalls.Deed
        var calls: [String]
        var on: String?
        /// How many calls in a row fail.
        var times = 1
        /// Exit statuses that it may bring; 0 stands for a daemon that went on to a stop in order.
        var ends: Set<Int32>

        var description: String { "\(error.rawValue) × \(times) at \(calls.joined(separator: "/")) of \(on ?? "anything")" }
    }

    /// How many systems run at a time; each waits most of its time.
    private static let width = 6
    private static let writes = ["write", "writev", "pwrite"]

    /// A start that cannot open or make what it needs says so and ends: by sysexits.h, 71 system, 73 cannot create, 74 input/output, 77 permission.
    private static let startFails: Set<Int32> = [71, 73, 74, 77]

    static let cases: [Case] = [
        // What the kernel interrupts is made again; a flush is not, since nobody knows what it left undone.
        Case(error: .interrupted, calls: writes + ["open", "rename", "unlink", "ftruncate", "send"], ends: [0]),
        Case(error: .interrupted, calls: ["fsync", "fdatasync"], ends: [0, 74]),
        Case(error: .tooManyFiles, calls: ["open"], ends: startFails.union([0])),
        Case(error: .tooManyFiles, calls: ["open"], times: 20, ends: startFails.union([0])),
        Case(error: .noSpace, calls: writes, on: "/ledger.sqlite", times: 3, ends: [0, 73, 74]),
        Case(error: .noSpace, calls: writes, on: "/journal.ndjson", times: 3, ends: [0, 73]),
        Case(error: .noSpace, calls: writes + ["open"], on: "/.reasons", times: 2, ends: [0, 73]),
        Case(error: .noSpace, calls: ["rename"], times: 2, ends: [0, 73]),
        Case(error: .ioError, calls: writes, on: "/ledger.sqlite", ends: startFails.union([0])),
        Case(error: .ioError, calls: writes, on: "/journal.ndjson", times: 2, ends: startFails.union([0])),
        Case(error: .ioError, calls: ["rename", "unlink"], times: 2, ends: startFails.union([0])),
        Case(error: .ioError, calls: ["send"], times: 2, ends: [0]),
        // A failed flush ends the process, and is never repeated.
        Case(error: .ioError, calls: ["fsync", "fdatasync"], on: "/ledger.sqlite", ends: [74]),
        Case(error: .ioError, calls: ["fdatasync"], on: "/journal.ndjson", ends: [74]),
        Case(error: .ioError, calls: ["fsync"], on: "/spool", ends: [74]),
    ]

    @Test(
        "an error of the system at any call loses nothing: the daemon goes on, or ends with its reason and goes on when it is started again"
    )
    func errors() async throws {
        var random = SeededRandom.replayable("errors of the system")
        let files = CrashFiles(&random)
        var matrix = Matrix(
            "system-errors",
            caption:
                "One error of the system in a run, at a call that a seed draws; afterwards the daemon is started again and everything is judged.",
            columns: ["error", "calls", "of", "runs", "went on", "ended", "files", "verdicts", "lost", "rows compared"])
        let travels = Travels.draw(&random)
        print("system errors: the files travel \(travels)")
        let trace = try await quietTrace(files, travels)
        var places: [(item: Int, place: Int)] = []
        for (index, item) in Self.cases.enumerated() {
            let count = trace.calls.count { item.matches($0) }
            #expect(count > 0, "\(item): a run has no such call")
            // No two runs have the same number of calls: fewer, larger writes where the machine is busy.
            for _ in 0..<(Matrix.isLong ? 12 : 2) { places.append((index, Int.random(in: 1...max(count * 2 / 3, 1), using: &random))) }
        }
        let runs = await sideBySide(places, atMost: Self.width) { place in
            (place.item, await Self.judged(Self.cases[place.item], at: place.place, files, travels))
        }
        for (index, item) in Self.cases.enumerated() {
            let runs = runs.filter { $0.0 == index }.compactMap(\.1)
            let all = runs.map(\.judgement).reduce(CrashOracle.Judgement(), +)
            let ended = Dictionary(grouping: runs.map(\.status).filter { $0 != 0 }) { $0 }.sorted { $0.key < $1.key }
            matrix.add([
                "\(item.error.rawValue) × \(item.times)", item.calls.joined(separator: " "), item.on ?? "anything", "\(runs.count)",
                "\(runs.count { $0.status == 0 })", ended.map { "\($0.value.count) with \($0.key)" }.joined(separator: ", "),
                "\(all.files)",
                "\(all.verdicts)", "\(all.lost)", "\(all.rows)",
            ])
            #expect(all.lost == 0 && all.files == all.verdicts)
        }
        try matrix.publish()
    }

    /// What a run ended with, and what was found after it; nil for one that could not be judged, which is an issue. A run without as many calls as its place
    /// is made again, with the error earlier.
    private static func judged(
        _ item: Case, at place: Int, _ files: CrashFiles, _ travels: Travels
    ) async -> (status: Int32, judgement: CrashOracle.Judgement)? {
        var place = place
        do {
            while true {
                if let run = try await run(item, at: place, files, travels) { return run }
                guard place > 1 else { throw TestSupportError("\(item): a run has no such call") }
                place /= 2
            }
        } catch {
            Issue.record(error)
            return nil
        }
    }

    /// The calls of a run in which nothing fails.
    private func quietTrace(_ files: CrashFiles, _ travels: Travels) async throws -> CallTrace {
        try await CrashScenario.with(travels) { system in
            files.dropFirst(into: system)
            files.dropInMidRun(into: system)
            let variables = CountedCalls(isTraced: true).environment(in: system.directory)
            let ((), _) = try await system.runningProgram(environment: variables) { _, pool in
                _ = try await JournalEvents.wait(for: "the verdicts of all", in: system.journalPath, on: pool) {
                    $0.verdicts.count == files.count - 2
                }
            }
            return try CountedCalls.trace(in: system.directory)
        }
    }

    /// One run with the error, and a second daemon that brings everything to its end.
    ///
    /// - Returns: nil where the run had fewer calls, and no error.
    private static func run(_ item: Case, at place: Int, _ files: CrashFiles, _ travels: Travels) async throws -> (
        status: Int32, judgement: CrashOracle.Judgement
    )? {
        try await CrashScenario.with(travels) { system in
            files.dropFirst(into: system)
            files.dropInMidRun(into: system)
            let calls = CountedCalls(calls: item.calls, on: item.on, deed: item.error, at: place, times: item.times)
            let program = try Program(
                ["run", "--config", system.configurationPath], in: system.directory, environment: calls.environment(in: system.directory))
            let ended: Program.Result
            do { ended = try await finish(program, after: files.count - 2, of: system) } catch {
                throw TestSupportError("\(item) at \(place): \(error)")
            }
            let counted = try CountedCalls.counted(in: system.directory)
            if counted.tampered == 0 {
                #expect(counted.calls < place, "\(item) at \(place): not done, and there were \(counted.calls) calls")
                return nil
            }
            #expect(item.ends.contains(ended.status), "\(item) at \(place): ended with \(ended.status)\n\(ended.errors.suffix(1500))")
            // Whoever ends has said why, in words.
            if ended.status != 0 {
                #expect(ended.errors.contains("kusto-spool: ") || ended.errors.contains("error"), "\(item) at \(place)")
            }
            system.emulator.clock.advance(by: .seconds(61))
            let logged = try await CrashScenario.finish(files, in: system)
            let oracle = CrashOracle(system: system, files: files.all, logged: logged, context: "\(item) at \(place)")
            return (ended.status, try await oracle.judge())
        }
    }

    /// Ends the program by SIGTERM once so many files have their verdict; it may end itself before.
    private static func finish(_ program: Program, after verdicts: Int, of system: SystemFixture) async throws -> Program.Result {
        let pool = WorkerPool(name: "journal-wait", threads: 1)
        defer { pool.close() }
        do {
            try await FileWatch.wait(
                for: "the verdicts, or the end", in: system.journalPath, deadline: .seconds(90), every: .milliseconds(200), on: pool
            ) { program.hasEnded || JournalEvents(parsing: $0).verdicts.count >= verdicts }
        } catch {
            program.signal(SIGKILL)
            let journal = JournalEvents(parsing: system.directory.read("log/journal.ndjson") ?? [])
            let ended = await program.finish()
            throw TestSupportError(
                "\(error); the journal has \(journal.events.map { "\($0.file ?? "") \($0.name)" }); the daemon said:\n\(ended.errors.suffix(4000))"
            )
        }
        program.signal(SIGTERM)
        return await program.finish()
    }
}

extension SystemErrorMatrixTests.Case {
    func matches(_ call: CallTrace.Call) -> Bool {
        guard calls.contains(call.name) else { return false }
        return on.map { call.path.contains($0) } ?? true
    }
}
