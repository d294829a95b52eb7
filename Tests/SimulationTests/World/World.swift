import IngestionEngine
import IngestionModel
import Ledger
import SpoolDirectory
import SpoolPrimitives

/// Everything that one schedule is run in: a directory, the loop, the cloud, the producers, and one life of the engine after the other.
final class World: @unchecked Sendable {  // used on the loop's thread alone
    let schedule: Schedule
    let settings: Settings
    let dice: Dice
    let directory: String
    let loop: VirtualLoop
    let trace: Trace
    let log: SimulatedLog
    let fleet: Fleet
    let cloud: SimulatedCloud
    let sabotage: Sabotage?
    /// For looks at the ledger; closed before anybody but the engine touches its files.
    let ledgerReader: BookReader
    private var life: Incarnation?
    private var lives = 0
    private var crashes: [(point: CrashPoint, crash: Crash)] = []
    private var due: Crash?
    private(set) var failures: [String] = []
    /// For the count of what a run has seen.
    private(set) var crashesMet = 0
    private(set) var crashPointsMet: [String] = []
    /// The events of the whole journal, by kind.
    var eventCounts: [String: Int] = [:]

    var ledgerPath: String { "\(directory)/state/ledger.sqlite" }
    var journalPath: String { "\(directory)/log/journal.ndjson" }
    let ledgerUUID = "11111111-2222-4333-8444-555555555555"

    init(_ schedule: Schedule, sabotage: Sabotage? = nil) {
        self.schedule = schedule
        self.sabotage = sabotage
        settings = schedule.settings
        dice = Dice(schedule.seed)
        directory = Disk.makeTemporary()
        ledgerReader = BookReader(path: "\(directory)/state/ledger.sqlite")
        loop = VirtualLoop(dice: dice, disorder: settings.disorder)
        trace = Trace(directory: directory)
        trace.loop = loop
        log = SimulatedLog(trace)
        fleet = Fleet(directory: directory, settings: settings, dice: dice, trace: trace, loop: loop)
        cloud = SimulatedCloud(loop: loop, settings: settings, trace: trace, fleet: fleet, dice: dice)
        cloud.sabotage = sabotage
        for path in ["state", "log"] { Disk.makeDirectory("\(directory)/\(path)", mode: 0o700) }
        for index in settings.spools.indices {
            Disk.makeDirectory(fleet.root(of: index))
            fleet.hints.append(ToldHintsBox())
        }
        if sabotage == .losesWakeUp { loop.losesWakeUp = { $0 == 40 } }
    }

    func remove() {
        ledgerReader.close()
        Disk.remove(directory)
    }

    func fail(_ text: String) {
        trace.add("FAILURE \(text)")
        failures.append(text)
    }

    // MARK: - Running

    /// Some hundred times what a schedule takes.
    private static let mostSteps = 5_000_000

    /// Runs the schedule to its end.
    func run() {
        arrange()
        start()
        var isOver = false
        while !isOver, failures.isEmpty, cloud.complaints.isEmpty {
            if let crash = due {
                die(crash)
            } else if loop.runOne() {
                checkSteps()
            } else if let life, life.end != nil {
                ended(life)
            } else if !loop.advance(until: Schedule.calm + Schedule.patience) {
                fail("P7: after \(loop.monotonicNow) something still waits: \(Judge(self).unsettled)")
            }
            if loop.steps > Self.mostSteps { fail("P7: it spins: \(Judge(self).unsettled)") }
            if isSettled {
                isOver = true
                finish()
            }
        }
        failures += cloud.complaints
        if !isOver { close() }
    }

    private func arrange() {
        for decision in schedule.present { arrange(decision) }
        // The second half of a file comes up to three seconds after the first.
        loop.at((schedule.present.compactMap(\.time).max() ?? .zero) + .seconds(4)) { [self] in look() }
    }

    private func arrange(_ decision: Decision) {
        switch decision {
        case .drop(let drop): loop.at(drop.at) { [fleet] in fleet.drop(drop) }
        case .rewrite(let file, let at, let rewriting): loop.at(at) { [fleet] in fleet.rewrite(file, rewriting) }
        case .fault(let kind, let n, let fault): cloud.faults[kind, default: [:]][n] = fault
        case .crash(.time(let at), let crash): loop.at(at) { [self] in if life != nil { due = crash } }
        case .crash(let point, let crash): crashes.append((point, crash))
        case .stop(let at, let downtime):
            loop.at(at) { [self] in
                guard let life, life.end == nil else { return }
                pause = downtime
                life.stop()
            }
        case .treatment(let n, let treatment): cloud.treatments[n] = treatment
        case .delivery(let n, let delivery): cloud.deliveries[n] = delivery
        case .foreign(let at, let foreign): loop.at(at) { [self] in cloud.putForeign(foreign, prefix: Judge(self).unknownSource) }
        case .outage(let from, let until): cloud.outages.append((from, until))
        case .tableMissing(let spool, let until): cloud.tableAppears[spool] = until
        case .renewal(let at, let renewal): loop.at(at) { [cloud] in cloud.renew(renewal) }
        case .clockSet(let at, let by): loop.at(at) { [loop] in loop.wallShift += by }
        case .operatorRetries(let at): loop.at(at) { [self] in askForRetries() }
        }
    }

    /// How long the next start is waited for, after a stop.
    private var pause: Duration = .zero

    private func start() {
        lives += 1
        let life = Incarnation(self, number: lives)
        self.life = life
        if let index = crashes.firstIndex(where: { if case .time = $0.point { false } else { true } }) {
            let (point, crash) = crashes.remove(at: index)
            switch point {
            case .hook(let wanted, let n):
                life.crashes = { [self] point, count in
                    guard point == wanted, count == n, loop.monotonicNow < Schedule.calm, !isFinishing else { return false }
                    due = crash
                    crashPointsMet.append("\(point)")
                    return true
                }
            case .step(let n): stepCrash = (life.firstStep + n, crash)
            case .time: break
            }
        }
        life.start()
    }

    private var stepCrash: (step: Int, crash: Crash)?

    private func checkSteps() {
        guard let (step, crash) = stepCrash, loop.steps >= step, loop.monotonicNow < Schedule.calm else { return }
        stepCrash = nil
        due = crash
        crashPointsMet.append("a step")
    }

    private func die(_ crash: Crash) {
        due = nil
        stepCrash = nil
        guard let life, life.end == nil else { return }
        crashesMet += 1
        life.crash(crash)
        cloud.forgetHearing()
        sabotageAfterCrash()
        self.life = nil
        Judge(self).checkPresent()
        loop.after(crash.downtime) { [self] in start() }
    }

    /// The life has ended by itself.
    private func ended(_ life: Incarnation) {
        self.life = nil
        stepCrash = nil
        switch life.end {
        case .failed(let error)?: fail("the engine ended: \(error)")
        case .stopped?, nil:
            Judge(self).checkPresent()
            let downtime = pause
            pause = .zero
            if isFinishing { return }
            loop.after(downtime) { [self] in start() }
        }
    }

    // MARK: - The end

    private var isSettled = false
    private var isFinishing = false

    /// What the last look saw; only after that has changed are the books opened again.
    private var seen: (life: Int, commits: UInt64, notices: Int, at: Duration)?
    private static let longestUnlooked: Duration = .seconds(60)

    /// Now and then, after the calm: whether there is nothing left to wait for.
    private func look() {
        if life != nil, cloud.pending == 0, hasChanged {
            switch Judge(self).outlook {
            case .settled:
                isSettled = true
                return
            case .waitsForOperator where loop.monotonicNow > Schedule.calm + .seconds(1200): askForRetries(heldOnly: true)
            case .waitsForOperator, .waits: break
            }
        }
        loop.after(.seconds(5)) { [self] in look() }
    }

    /// Whether the engine has committed or the service has spoken since the last look; what neither tells of is seen a minute late.
    private var hasChanged: Bool {
        let now = (life: lives, commits: life?.commits ?? 0, notices: cloud.notices.count, at: loop.monotonicNow)
        if let seen, seen.life == now.life, seen.commits == now.commits, seen.notices == now.notices,
            now.at - seen.at < Self.longestUnlooked
        {
            return false
        }
        seen = now
        return true
    }

    private func askForRetries(heldOnly: Bool = false) {
        guard life?.end == nil, let life, !life.isDead, Disk.exists(ledgerPath) else { return }
        do {
            let reader = try LedgerReader(path: ledgerPath)
            for entry in try reader.waitingForOperator(limit: 100) {
                if heldOnly, case .settled = entry.source.progress.state { continue }
                if case .held(.vanished, _) = entry.source.progress.state { continue }
                trace.add("the operator retries \(entry.source.id)")
                try reader.request(.retry, row: entry.source.id.row, at: loop.wallNow)
            }
        } catch {
            // Before the first start's migration there is no ledger to ask.
            trace.add("the operator cannot ask")
        }
    }

    private func finish() {
        isFinishing = true
        life?.stop()
        let limit = loop.monotonicNow + .seconds(120)
        while let life, life.end == nil {
            if !loop.runOne(), !loop.advance(until: limit) {
                fail("P7: a stop takes more than two minutes")
                break
            }
        }
        if case .failed(let error)? = life?.end { fail("the engine ended: \(error)") }
        if life?.end == nil { close() }
        life = nil
        let judge = Judge(self)
        judge.checkPresent()
        judge.checkEnd()
    }

    /// Ends what is left of an engine, without judging it.
    private func close() {
        if let life, life.end == nil { life.crash(Crash(commits: false, arrivals: 0, downtime: .zero)) }
        life = nil
    }

    // MARK: - Sabotage

    private var sabotaged = false
    private var savedLedger: [(name: String, bytes: [UInt8])] = []

    func sabotageAt(_ point: EngineHooks.Point, _ life: Incarnation) {
        switch (sabotage, point) {
        case (.disposesEarly?, .queuedCommitted):
            guard !sabotaged, let root = life.spoolRoots.first,
                let place = fleet.places(of: 0).first(where: { $0.path.hasPrefix(".active/") })
            else { return }
            sabotaged = true
            Disk.rename("\(root.path)/\(place.path)", to: "\(root.path)/failed/\(place.path.split(separator: "/").last ?? "x")")
        case (.removesFiles?, .verdictCommitted):
            guard !sabotaged, let place = fleet.places(of: 0).first(where: { $0.path.hasPrefix(".active/") }) else { return }
            sabotaged = true
            Disk.remove(file: "\(fleet.root(of: 0))/\(place.path)")
        case (.forgetsCommits?, .filesClaimed), (.forgetsPosting?, .uploaded):
            savedLedger = Disk.list("\(directory)/state").compactMap { entry in
                Disk.read("\(directory)/state/\(entry.name)").map { (entry.name, $0) }
            }
        case (.repeatsJournalLine?, .journalAppended):
            guard !sabotaged, let bytes = Disk.read(journalPath), let line = bytes.split(separator: 10).last else { return }
            sabotaged = true
            Disk.write(bytes + line + [10], to: journalPath, modified: loop.wallNow.microseconds)
        default: break
        }
    }

    private func sabotageAfterCrash() {
        if sabotage != nil { ledgerReader.close() }
        switch sabotage {
        case .forgetsCommits?, .forgetsPosting?:
            for (name, bytes) in savedLedger { Disk.write(bytes, to: "\(directory)/state/\(name)", modified: loop.wallNow.microseconds) }
        case .losesJournalLine?:
            guard let bytes = Disk.read(journalPath), let line = bytes.split(separator: 10).last else { return }
            Disk.write(Array(bytes.dropLast(line.count + 1)), to: journalPath, modified: loop.wallNow.microseconds)
        default: break
        }
    }
}

extension Disk {
    static func remove(file path: String) { _ = path.withCString { unlinkPath($0) } }
}
