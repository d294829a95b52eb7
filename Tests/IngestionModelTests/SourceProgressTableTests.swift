import IngestionModel
import KustoWire
import SpoolPrimitives
import Testing

/// Every state against every event: protocol.md §2 to §5 as a table. `-` means that the event is illegal in the state.
@Suite struct SourceProgressTableTests {
    private static let at = Timestamp(seconds: 1000)
    private static let later = Timestamp(seconds: 2000)
    private static let final = FailureReport(errorCode: "Stream_WrongNumberOfFields", failureStatus: .permanent)
    private static let retry = FailureReport(errorCode: "Download_Forbidden", failureStatus: .permanent)
    private static let configuration = FailureReport(errorCode: "BadRequest_TableNotExist", failureStatus: .permanent)
    private static let oneIsIn = FailureReport(errorCode: "BlobAlreadyReceived_BlobAlreadyFoundInBatch", failureStatus: .permanent)
    private static let transient = FailureReport(errorCode: "Timeout", failureStatus: .transient)

    /// The rows: states with the past that matters. `+p`: posted before, surely refused. `+d`: a post in doubt.
    private static let states: [(name: String, progress: SourceProgress)] = [
        ("claimed", SourceProgress()),
        ("deferred", SourceProgress(state: .deferred(until: at, stage: .upload), deferrals: 1)),
        ("deferred+p", SourceProgress(state: .deferred(until: at, stage: .post), posts: 1, deferrals: 1)),
        ("held", SourceProgress(state: .held(.unreadable, stage: .upload))),
        ("held+p", SourceProgress(state: .held(.route, stage: .post), posts: 1)),
        ("held+d", SourceProgress(state: .held(.sizeDiffers, stage: .post), posts: 1, postsInDoubt: 1)),
        ("posting", SourceProgress(state: .posting, posts: 1)),
        ("posting+d", SourceProgress(state: .posting, posts: 2, postsInDoubt: 1)),
        ("queued", SourceProgress(state: .queued, posts: 1)),
        ("ambiguous", SourceProgress(state: .ambiguous(repostAt: at), posts: 1, postsInDoubt: 1)),
        ("succeeded", SourceProgress(state: .settled(.succeeded), posts: 1)),
        ("failed", SourceProgress(state: .settled(.failed), posts: 1)),
        ("presumed", SourceProgress(state: .settled(.presumed), posts: 1)),
        ("skipped", SourceProgress(state: .settled(.skipped))),
        ("unconfirmed", SourceProgress(state: .settled(.unconfirmed), posts: 1)),
        ("superseded", SourceProgress(state: .superseded(by: 9), posts: 1)),
    ]

    private static let events: [(name: String, event: SourceEvent)] = [
        ("posting", .posting), ("accepted", .postAccepted), ("refused", .postRefused(retryAt: later)),
        ("doubt", .postInDoubt(repostAt: later)),
        ("defer", .deferred(until: later)), ("hold", .held(.unreadable)), ("release", .released(at: later)), ("skip", .skipped(.empty)),
        ("crash", .interrupted(repostAt: later)), ("adopt", .adopted(repostAt: later)), ("success", .notifiedSuccess),
        ("fail", .notifiedFailure(final)), ("retry", .notifiedFailure(retry)), ("config", .notifiedFailure(configuration)),
        ("transient", .notifiedFailure(transient)), ("deadline", .deadlinePassed(reportsSuccesses: true)),
        ("silence", .deadlinePassed(reportsSuccesses: false)), ("predecessor", .predecessorSucceeded), ("op-retry", .operatorRetry),
        ("op-settle", .operatorSettled(.failed)), ("found", .foundFailure(retry)), ("found-one", .foundFailure(oneIsIn)),
        ("leave", .separated(isDecided: false)), ("go", .separated(isDecided: true)),
    ]

    /// The state after the event and the effects, in short. Written by hand from protocol.md, not generated from the code.
    private static let table = """
                    claimed                deferred               deferred+p             held                   held+p
        posting     posting                posting                posting                -                      -
        accepted    -                      -                      -                      -                      -
        refused     -                      -                      -                      -                      -
        doubt       -                      -                      -                      -                      -
        defer       deferred/deferred      deferred               deferred               -                      -
        hold        held/held              held/held              held/held              -                      -
        release     -                      -                      -                      deferred/released      deferred/released
        skip        skipped/skipped        skipped/skipped        skipped/skipped        skipped/skipped        skipped/skipped
        crash       -                      -                      -                      -                      -
        adopt       ambiguous/ambiguous    -                      -                      -                      -
        success     -                      -                      succeeded/succeeded    -                      succeeded/succeeded
        fail        -                      -                      failed/failed          -                      failed/failed
        retry       -                      -                      supersede/superseded   -                      supersede/superseded
        config      -                      -                      supersede/superseded   -                      supersede/superseded
        transient   -                      -                      deferred/noted         -                      held/noted
        deadline    -                      -                      -                      -                      -
        silence     -                      -                      -                      -                      -
        predecessor succeeded/succeeded    succeeded/succeeded    succeeded/succeeded    succeeded/succeeded    succeeded/succeeded
        op-retry    -                      deferred               deferred               supersede/superseded   supersede/superseded
        op-settle   -                      failed/failed          failed/failed          failed/failed          failed/failed
        found       -                      -                      failed/failed          -                      failed/failed
        found-one   claimed                deferred               deferred               held                   held
        leave       -                      -                      -                      -                      -
        go          -                      -                      -                      -                      -

                    posting                posting+d              queued                 ambiguous              superseded
        posting     -                      -                      -                      posting/reposted       -
        accepted    queued/queued          queued/queued          -                      -                      superseded
        refused     deferred/deferred      ambiguous/deferred     -                      -                      superseded
        doubt       ambiguous/ambiguous    ambiguous/ambiguous    -                      -                      superseded
        defer       -                      -                      -                      ambiguous              superseded
        hold        -                      -                      -                      held/held              superseded
        release     -                      -                      -                      -                      -
        skip        -                      -                      -                      -                      -
        crash       ambiguous/ambiguous    ambiguous/ambiguous    -                      -                      superseded
        adopt       -                      -                      -                      -                      -
        success     succeeded/succeeded    succeeded/succeeded    succeeded/succeeded    succeeded/succeeded    superseded/inform
        fail        failed/failed          failed/failed          failed/failed          failed/failed          superseded
        retry       supersede/superseded   supersede/superseded   supersede/superseded   supersede/superseded   superseded
        config      supersede/superseded   supersede/superseded   supersede/superseded   supersede/superseded   superseded
        transient   posting/noted          posting/noted          queued/noted           ambiguous/noted        superseded
        deadline    -                      -                      unconfirmed/unconfirmed unconfirmed/unconfirmed superseded
        silence     -                      -                      presumed/presumed      unconfirmed/unconfirmed superseded
        predecessor succeeded/succeeded/duplicated succeeded/succeeded/duplicated succeeded/succeeded/duplicated succeeded/succeeded/duplicated superseded/inform
        op-retry    -                      -                      -                      -                      -
        op-settle   -                      -                      -                      failed/failed          -
        found       failed/failed          failed/failed          failed/failed          failed/failed          superseded
        found-one   posting                posting                queued                 ambiguous              superseded
        leave       -                      -                      -                      -                      -
        go          -                      -                      -                      -                      -

                    succeeded              failed                 presumed               skipped                unconfirmed
        posting     -                      -                      -                      -                      -
        accepted    succeeded              failed                 presumed               skipped                unconfirmed
        refused     succeeded              failed                 presumed               skipped                unconfirmed
        doubt       succeeded              failed                 presumed               skipped                unconfirmed
        defer       succeeded              failed                 presumed               skipped                unconfirmed
        hold        succeeded              failed                 presumed               skipped                unconfirmed
        release     -                      -                      -                      -                      -
        skip        -                      -                      -                      -                      -
        crash       succeeded              failed                 presumed               skipped                unconfirmed
        adopt       -                      -                      -                      -                      -
        success     succeeded              succeeded/corrected    succeeded/corrected    -                      succeeded/corrected
        fail        succeeded/contradicted failed                 failed/corrected       -                      failed/corrected
        retry       succeeded/contradicted failed                 failed/corrected       -                      failed/corrected
        config      succeeded/contradicted failed                 failed/corrected       -                      failed/corrected
        transient   succeeded              failed                 presumed               -                      unconfirmed
        deadline    succeeded              failed                 presumed               skipped                unconfirmed
        silence     succeeded              failed                 presumed               skipped                unconfirmed
        predecessor succeeded/duplicated   succeeded/corrected    succeeded/corrected    succeeded/corrected    succeeded/corrected
        op-retry    -                      -                      -                      -                      supersede/superseded
        op-settle   -                      -                      -                      -                      failed/corrected
        found       succeeded              failed                 failed/corrected       skipped                failed/corrected
        found-one   succeeded              failed                 presumed               skipped                unconfirmed
        leave       -                      -                      -                      -                      -
        go          -                      -                      -                      -                      -

                    held+d
        posting     -
        accepted    -
        refused     -
        doubt       -
        defer       -
        hold        -
        release     ambiguous/released
        skip        -
        crash       -
        adopt       -
        success     succeeded/succeeded
        fail        failed/failed
        retry       supersede/superseded
        config      supersede/superseded
        transient   held/noted
        deadline    -
        silence     -
        predecessor succeeded/succeeded/duplicated
        op-retry    supersede/superseded
        op-settle   failed/failed
        found       failed/failed
        found-one   held
        leave       -
        go          -
        """

    /// The rows of a source that carries several files, where they are not those of any other.
    private static let wholes = """
                    claimed           deferred+p        held              held+d            posting           queued            ambiguous
        fail        -                 split/superseded  -                 split/superseded  split/superseded  split/superseded  split/superseded
        large       -                 failed/failed     -                 failed/failed     failed/failed     failed/failed     failed/failed
        access      -                 failed/failed     -                 failed/failed     failed/failed     failed/failed     failed/failed
        retry       -                 supersede/superseded -              supersede/superseded supersede/superseded supersede/superseded supersede/superseded
        found-data  -                 split/superseded  -                 split/superseded  split/superseded  split/superseded  split/superseded
        found       -                 failed/failed     -                 failed/failed     failed/failed     failed/failed     failed/failed
        leave       claimed/separate  deferred/separate held/separate     -                 -                 -                 -
        go          -                 -                 -                 -                 -                 -                 -

                    succeeded              failed            presumed          unconfirmed       superseded
        fail        succeeded/contradicted failed            failed/corrected  split/superseded  superseded
        large       succeeded/contradicted failed            failed/corrected  failed/corrected  superseded
        access      succeeded/contradicted failed            failed/corrected  failed/corrected  superseded
        retry       succeeded/contradicted failed            failed/corrected  failed/corrected  superseded
        found-data  succeeded              failed            failed/corrected  split/superseded  superseded
        found       succeeded              failed            failed/corrected  failed/corrected  superseded
        go          succeeded/separate     failed/separate   presumed/separate -                 -
        leave       -                      -                 -                 -                 -
        """

    @Test("a source that carries several files is split where the data of one is at fault, once, and never for another reason")
    func wholes() {
        let events: [(name: String, event: SourceEvent)] =
            Self.events.filter { ["fail", "retry", "found", "leave", "go"].contains($0.name) } + [
                ("large", .notifiedFailure(FailureReport(errorCode: "BadRequest_FileTooLarge", failureStatus: .permanent))),
                ("access", .notifiedFailure(FailureReport(errorCode: "Download_AccessConditionNotSatisfied", failureStatus: .permanent))),
                ("found-data", .foundFailure(Self.final)),
            ]
        let expected = Self.expectations(Self.wholes)
        #expect(expected.count == 12 * events.count)
        for (stateName, alone) in Self.states {
            let whole = SourceProgress(
                state: alone.state, posts: alone.posts, postsInDoubt: alone.postsInDoubt, deferrals: alone.deferrals, isCoalesced: true)
            for (eventName, event) in events {
                guard let outcome = expected["\(stateName) \(eventName)"] else { continue }
                #expect(Self.outcome(of: event, in: whole) == outcome, "\(stateName) × \(eventName)")
            }
        }
    }

    /// Before its first post a source of a held route is itself what the operator's retry sends: no new SourceID is needed.
    @Test("an operator's retry of a source that its route holds is the route's probe")
    func probe() throws {
        var progress = SourceProgress(state: .held(.route, stage: .upload))
        let effects = try progress.apply(.operatorRetry)
        #expect(effects == [.record(.released)])
        #expect(progress.state == .deferred(until: Timestamp(microseconds: 0), stage: .upload))
    }

    /// The table as (state, event) → outcome.
    private static func expectations(_ table: String = table) -> [String: String] {
        var expected: [String: String] = [:]
        var columns: [Substring] = []
        for line in table.split(separator: "\n") {
            let cells = line.split(separator: " ")
            if line.hasPrefix(" ") {
                columns = cells
            } else {
                for (column, cell) in zip(columns, cells.dropFirst()) { expected["\(column) \(cells[0])"] = String(cell) }
            }
        }
        return expected
    }

    private static func outcome(of event: SourceEvent, in progress: SourceProgress) -> String {
        var after = progress
        do throws(IllegalTransition) {
            let effects = try after.apply(event)
            var name = "\(after.state)"
            var notes: [String] = []
            for effect in effects {
                switch effect {
                case .record(let kind): notes.append(kind.rawValue)
                case .supersede: name = "supersede"
                case .split: name = "split"
                case .separate: notes.append("separate")
                case .informSuccessor: notes.append("inform")
                case .extendDeadline: break
                }
            }
            return ([name] + notes).joined(separator: "/")
        } catch {
            #expect(after == progress, "a refused event changes nothing")
            return "-"
        }
    }

    @Test("every state answers every event as protocol.md says")
    func table() {
        let expected = Self.expectations()
        #expect(expected.count == Self.states.count * Self.events.count)
        for (stateName, progress) in Self.states {
            for (eventName, event) in Self.events {
                let outcome = Self.outcome(of: event, in: progress)
                #expect(outcome == expected["\(stateName) \(eventName)"], "\(stateName) × \(eventName)")
            }
        }
    }

    @Test("a verdict replaces another only in the order succeeded > failed > presumed > unconfirmed")
    func precedence() {
        let order: [Verdict] = [.unconfirmed, .presumed, .failed, .succeeded]
        for (i, earlier) in order.enumerated() {
            for (j, later) in order.enumerated() { #expect(later.outranks(earlier) == (j > i), "\(later) after \(earlier)") }
        }
    }

    @Test("a repeat is announced if and only if an earlier post may have arrived")
    func announcements() throws {
        var progress = SourceProgress()
        #expect(try progress.apply(.posting).isEmpty)
        #expect(try progress.apply(.postRefused(retryAt: Self.later)) == [.record(.deferred)])
        #expect(try progress.apply(.posting).isEmpty, "the first message surely was not taken")
        #expect(try progress.apply(.postInDoubt(repostAt: Self.later)) == [.record(.ambiguous)])
        #expect(try progress.apply(.posting) == [.record(.reposted)])
        #expect(try progress.apply(.postRefused(retryAt: Self.later)) == [])
        #expect(progress.state == .ambiguous(repostAt: Self.later), "the refusal of the second says nothing about the first")
        #expect(try progress.apply(.posting) == [.record(.reposted)])
        #expect(progress.possibleCopies == 2)
    }
}
