import IngestionEngine

/// A schedule: what the world is like, and what happens in it. All of it follows from the seed; `kept` says which of its decisions are left.
struct Schedule: Sendable {
    let seed: UInt64
    let settings: Settings
    /// In the order in which they were drawn; the index is the decision's name.
    let decisions: [Decision]
    private(set) var kept: Set<Int>

    init(seed: UInt64) {
        self.seed = seed
        let dice = Dice(seed)
        settings = Settings(dice)
        decisions = Self.draw(dice, settings)
        kept = Set(decisions.indices)
    }

    func keeping(_ indices: some Sequence<Int>) -> Schedule {
        var schedule = self
        schedule.kept = Set(indices).intersection(decisions.indices)
        return schedule
    }

    /// What is left, in order.
    var present: [Decision] { decisions.indices.filter(kept.contains).map { decisions[$0] } }

    /// After this nothing is done to the engine any more but what files, messages and notifications still have coming.
    static let calm: Duration = .seconds(240)
    /// After so much more everything must have an end: no wait of the engine's is longer, with these settings.
    static let patience: Duration = .seconds(4 * 3600)

    private static func draw(_ dice: Dice, _ settings: Settings) -> [Decision] {
        var decisions: [Decision] = []
        let files = 1 + dice.below(5, "files")
        for number in 0..<files { decisions.append(.drop(drop(number, dice, settings))) }
        for n in 0..<dice.pick([0, 0, 0, 1, 2], "rewrites") {
            let at = dice.between(.zero, .seconds(60), "rewrite at", n)
            decisions.append(.rewrite(file: dice.below(files, "rewrite", n), at: at, dice.pick(Rewriting.allCases, "rewriting", n)))
        }
        // Many schedules have few faults, so that each gets its turn undisturbed; some have a storm.
        for n in 0..<dice.pick([0, 0, 1, 2, 3, 5, 8, 20], "faults") {
            let kind = dice.pick(faultyKinds, "fault kind", n)
            let bound = kind == .getMessages ? 40 : kind == .resources || kind == .token ? 3 : 8
            decisions.append(.fault(kind, dice.below(bound, "fault n", n), fault(of: kind, dice, n)))
        }
        for n in 0..<dice.pick([0, 0, 1, 1, 1, 2, 3], "crashes") { decisions.append(crash(dice, n)) }
        if dice.chance(15, "stops") {
            let at = dice.between(.seconds(1), .seconds(90), "stop at")
            decisions.append(.stop(at: at, downtime: dice.between(.zero, .seconds(90), "stop downtime")))
        }
        for n in 0..<dice.pick([0, 0, 1, 2], "treatments") {
            decisions.append(.treatment(dice.below(files, "treatment n", n), treatment(dice, n)))
        }
        for n in 0..<dice.pick([0, 0, 1, 2, 3], "deliveries") {
            decisions.append(.delivery(dice.below(files + 2, "delivery n", n), delivery(dice, n)))
        }
        for n in 0..<dice.pick([0, 0, 0, 1, 3], "foreign") {
            let at = dice.between(.zero, .seconds(120), "foreign at", n)
            decisions.append(.foreign(at: at, dice.pick(Foreign.allCases, "foreign kind", n)))
        }
        if dice.chance(10, "outage") {
            let from = dice.between(.zero, .seconds(60), "outage from")
            decisions.append(.outage(from: from, until: from + dice.between(.seconds(1), .seconds(120), "outage until")))
        }
        if dice.chance(8, "table") {
            let spool = dice.below(settings.spools.count, "table spool")
            decisions.append(.tableMissing(spool: spool, until: dice.between(.seconds(5), .seconds(150), "table until")))
        }
        for n in 0..<dice.pick([0, 0, 0, 0, 1, 2], "renewals") {
            let at = dice.between(.seconds(1), .seconds(90), "renewal at", n)
            decisions.append(.renewal(at: at, dice.pick(Renewal.allCases, "renewal", n)))
        }
        if dice.chance(6, "clock") {
            let by = dice.pick([-3600, -90, -5, 5, 90, 3600], "clock by")
            decisions.append(.clockSet(at: dice.between(.zero, .seconds(90), "clock at"), by: .seconds(by)))
        }
        if dice.chance(10, "operator") {
            decisions.append(.operatorRetries(at: dice.between(.seconds(30), .seconds(400), "operator at")))
        }
        return decisions
    }

    private static func drop(_ number: Int, _ dice: Dice, _ settings: Settings) -> Drop {
        let kind: Drop.Kind =
            switch dice.below(20, "kind", number) {
            case 0: .empty
            case 1: .falseGzip
            case 2...5: .large
            default: .small
            }
        // Few names, so that the same is dropped twice.
        let name =
            switch kind {
            case .empty: "empty\(number).csv"
            case .falseGzip: "file\(number).csv.gz"
            case .small, .large: "file\(dice.below(3, "name", number)).csv"
            }
        return Drop(
            number: number, spool: dice.below(settings.spools.count, "spool", number), name: name, kind: kind,
            size: kind == .large ? dice.below(6000, "size", number) : dice.below(300, "size", number),
            at: dice.between(.zero, .seconds(40), "drop at", number), manner: dice.pick(Drop.Manner.allCases, "manner", number))
    }

    private static let faultyKinds: [CallKind] = [
        .resources, .token, .putBlob, .putBlob, .putBlock, .putBlockList, .putMessage, .putMessage, .putMessage, .putMessage, .getMessages,
        .getMessages, .deleteMessage, .deleteMessage,
    ]

    private static func fault(of kind: CallKind, _ dice: Dice, _ n: Int) -> Fault {
        switch dice.below(12, "fault", n) {
        case 0: .refused
        case 1: .lostBefore
        case 2, 3: .lostAfter
        case 4: .silent(served: dice.chance(50, "served", n))
        case 5: .html
        case 6: .cut
        case 7:
            // What may hide a success.
            .status(
                dice.pick([408, 500, 502, 503, 504], "ambiguous status", n), code: nil, retryAfter: nil,
                served: dice.chance(60, "served", n))
        case 8: .status(503, code: "ServerBusy", retryAfter: dice.pick([nil, 1, 20], "retry after", n), served: false)
        case 9: .status(dice.pick([403, 404], "refusal", n), code: refusal(of: kind), retryAfter: nil, served: false)
        case 10: .status(dice.pick([400, 409, 412, 429], "other status", n), code: nil, retryAfter: nil, served: false)
        default: .status(500, code: "OperationTimedOut", retryAfter: nil, served: dice.chance(50, "served", n))
        }
    }

    private static func refusal(of kind: CallKind) -> String? {
        switch kind {
        case .putBlob, .putBlock, .putBlockList: "ContainerNotFound"
        case .putMessage, .getMessages: "AuthenticationFailed"
        case .deleteMessage: "MessageNotFound"
        case .resources, .token, .other: nil
        }
    }

    private static func crash(_ dice: Dice, _ n: Int) -> Decision {
        let point: CrashPoint =
            switch dice.below(10, "crash at", n) {
            case 0..<4: .hook(dice.pick(EngineHooks.Point.allCases, "crash hook", n), 1 + dice.below(3, "crash hook n", n))
            case 4..<8: .step(1 + dice.below(dice.pick([60, 400, 2500], "crash range", n), "crash step", n))
            default: .time(dice.between(.zero, .seconds(100), "crash time", n))
            }
        return .crash(
            point,
            Crash(
                commits: dice.chance(50, "crash commits", n), arrivals: dice.pick([0, 50, 100], "crash arrivals", n),
                downtime: dice.pick([.zero, .seconds(2), .seconds(30), .seconds(400)], "crash downtime", n)))
    }

    private static func treatment(_ dice: Dice, _ n: Int) -> Treatment {
        switch dice.below(8, "treatment", n) {
        case 0: .fails(code: "Stream_WrongNumberOfFields", status: "Permanent", retry: false)
        case 1:
            .fails(code: dice.pick(["Download_Forbidden", "General_RetryAttemptsExceeded"], "code", n), status: "Permanent", retry: false)
        case 2: .fails(code: "General_InternalServerError", status: "Exhausted", retry: true)
        case 3: .transientFirst
        case 4: .contradicted(first: dice.chance(50, "first", n), code: "Stream_WrongNumberOfFields", status: "Permanent")
        case 5: .contradicted(first: dice.chance(50, "first", n), code: "General_InternalServerError", status: "Exhausted")
        case 6: .late(dice.between(.seconds(20), .seconds(900), "late", n))
        default: .twice
        }
    }

    private static func delivery(_ dice: Dice, _ n: Int) -> Delivery {
        switch dice.below(4, "delivery", n) {
        case 0: .lost
        case 1: .duplicated(dice.between(.zero, .seconds(100), "duplicate", n))
        default: .delayed(dice.between(.seconds(1), .seconds(900), "delay", n))
        }
    }
}
