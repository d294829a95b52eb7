import IngestionModel
import KustoWire
import Ledger
import SpoolPrimitives
import SpoolTestSupport
import Testing

/// Random events, legal and not, against the state machine in memory: the ledger holds what the machine says, and nothing else.
@Suite struct LedgerModelTests {
    private static let events: [SourceEvent] = [
        .posting, .posting, .posting, .postAccepted, .postRefused(retryAt: later), .postInDoubt(repostAt: later), .deferred(until: later),
        .held(.unreadable), .held(.sizeDiffers), .released(at: later), .skipped(.empty), .interrupted(repostAt: later), .notifiedSuccess,
        .notifiedFailure(FailureReport(errorCode: "Stream_WrongNumberOfFields", failureStatus: .permanent)),
        .notifiedFailure(FailureReport(errorCode: "Download_Forbidden", failureStatus: .permanent)),
        .notifiedFailure(FailureReport(errorCode: "BadRequest_TableNotExist", failureStatus: .permanent)),
        .notifiedFailure(FailureReport(errorCode: "Timeout", failureStatus: .transient)), .deadlinePassed(reportsSuccesses: true),
        .deadlinePassed(reportsSuccesses: false), .operatorRetry, .operatorSettled(.failed),
    ]
    private static let later = LedgerFixture.at + .seconds(5)

    @Test("after every commit and every reopen, the ledger and the machine agree")
    func agree() async throws {
        var random = SeededRandom.replayable("ledger against the state machine")
        var model = Model()
        try await LedgerFixture.with { fixture in
            for _ in 0..<8 {
                var steps: [[(row: Int64, event: SourceEvent)]] = []
                for _ in 0..<30 {
                    steps.append(
                        (0..<Int.random(in: 1...6, using: &random)).map { _ in
                            (Int64.random(in: 1...30, using: &random), Self.events.randomElement(using: &random) ?? .posting)
                        })
                }
                model = try await fixture.open { [model] ledger, spool in
                    var model = model
                    if model.rows.isEmpty {
                        _ = try await ledger.claim((0..<20).map { "f\($0)" }, spool)
                        model.claim(20)
                    }
                    try await Self.compare(ledger, model)
                    for step in steps {
                        let outcomes = try await ledger.commit(step.map { .source(LedgerFixture.change($0.row, $0.event)) })
                        for ((row, event), outcome) in zip(step, outcomes) {
                            #expect(outcome.isRefused == !model.apply(event, to: row), "\(event) of row \(row)")
                        }
                        try await Self.compare(ledger, model)
                    }
                    return model
                }
            }
        }
        #expect(model.refused > 20 && model.applied > 200 && model.rows.count > 20, "\(model.refused) refused, \(model.applied) applied")
    }

    private static func compare(_ ledger: Ledger, _ model: Model) async throws {
        for (row, progress) in model.rows {
            let held = try await ledger.row(row)?.progress
            #expect(held == progress, "row \(row): \(held.map { "\($0)" } ?? "-") vs \(progress)")
        }
        #expect(try await ledger.row(Int64(model.rows.count) + 1) == nil)
        let outbox = try await ledger.outbox(limit: .mebibytes(64))
        #expect(outbox.isGapless && outbox.lineCount == model.events)
    }
}

/// What the ledger should hold.
private struct Model {
    private(set) var rows: [Int64: SourceProgress] = [:]
    private(set) var events = 0
    private(set) var applied = 0
    private(set) var refused = 0
    /// Which row each successor has superseded.
    private var supersedes: [Int64: Int64] = [:]

    mutating func claim(_ count: Int) {
        for _ in 0..<count { rows[Int64(rows.count) + 1] = SourceProgress() }
        events += count
    }

    /// - Returns: whether the ledger should take it. A row that is not there is not refused, but unknown.
    mutating func apply(_ event: SourceEvent, to row: Int64) -> Bool {
        guard var progress = rows[row] else { return true }
        let effects: [SourceEffect]
        do throws(IllegalTransition) {
            effects = try progress.apply(event)
        } catch {
            refused += 1
            return false
        }
        applied += 1
        for effect in effects {
            switch effect {
            case .record: events += 1
            case .supersede(let state):
                let successor = Int64(rows.count) + 1
                rows[successor] = SourceProgress(state: paced(state, after: row), deferrals: progress.deferrals)
                supersedes[successor] = row
                progress.becomeSuperseded(by: successor)
            case .informSuccessor: if case .superseded(let next) = progress.state { _ = apply(.predecessorSucceeded, to: next) }
            case .split, .separate: preconditionFailure("a source of one file has nothing to split")
            case .extendDeadline: break
            }
        }
        rows[row] = progress
        return true
    }

    /// The first successor goes out at once, each further one waits twice as long.
    private func paced(_ state: SourceState, after row: Int64) -> SourceState {
        guard case .claimed = state else { return state }
        let failures = sequence(first: row) { supersedes[$0] }.dropFirst().prefix(16).reduce(0) { count, _ in count + 1 }
        if failures == 0 { return state }
        return .deferred(
            until: LedgerFixture.at + RetryPolicy.source.delay(afterFailure: failures, random: 0.5), stage: .upload)
    }
}
