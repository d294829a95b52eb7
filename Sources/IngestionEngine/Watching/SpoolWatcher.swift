import IngestionModel
import Ledger
import Logging
import ServiceLifecycle
import SpoolDirectory
import SpoolPrimitives

/// Claims complete files of one spool as long as there is room for them (protocol.md §1, §3.1, §3.2).
///
/// inotify is a hint, the scan is the truth: what the watch names is claimed at once; a scan finds the rest, at the start, now and then, after
/// an overflow, and when a file's quiet time is over. A scan is read in bounded windows and stops where admission does.
package actor SpoolWatcher: Service {
    private let context: EngineContext
    private let spool: Spool
    private let hints: HintFeed
    private let room: Signal
    private let stopping = Flag()
    private var book = CandidateBook()
    private var scan: ScanCursor?
    private var window: [FileName] = []
    private var windowDirectory = RelativePath.root
    /// The next scan by the clock, and the one that something asks for which the scan that is under way may have passed already.
    private var regularScan: Timestamp
    private var askedScan: Timestamp?
    private var nextScan: Timestamp { min(regularScan, askedScan ?? regularScan) }
    private let claims: ClaimNumbers
    private var reported: Set<RelativePath> = []
    private let sync: ClaimSync
    /// Where files of the spool travel together.
    private var gathered: GatheredFiles?

    /// - Parameter hints: instead of inotify's.
    package init(_ context: EngineContext, _ spool: Spool, claims: ClaimNumbers, hints told: ToldHints? = nil) {
        self.context = context
        self.spool = spool
        self.claims = claims
        room = context.signals.room.subscribe(to: spool.key)
        hints = HintFeed(root: spool.root, signal: room, loop: context.watches, told: told)
        regularScan = context.time.wallNow
        sync = ClaimSync(spool, context)
        gathered = spool.rules.coalescing.map(GatheredFiles.init)
    }

    package func run() async throws {
        try await withGracefulShutdownHandler {
            hints.start()
            defer { hints.stop() }
            if let reason = hints.unavailable {
                context.logger.warning(
                    "the spool is polled every second, since it cannot be watched",
                    metadata: ["spool": "\(spool.root.path)", "reason": "\(reason)"])
            }
            try await watch()
        } onGracefulShutdown: { [stopping, room] in
            stopping.set()
            room.raise()
        }
    }

    private func watch() async throws {
        while !stopping.isSet, !Task.isCancelled {
            let isOpen = context.admission.isOpen && !context.reconciled.isPending(spool.key)
            let free = isOpen ? freeRoom() : 0
            if free > 0, try await admitOrWait(atMost: min(free, 512)) { continue }
            var until = nextScan
            if let again = book.lookAgainAt { until = min(until, again) }
            if let due = gathered?.dueAt { until = min(until, context.time.wallNow + (due - context.time.monotonicNow)) }
            // Without room the next thing to happen is a post, or the end of an obstacle; both raise the signal.
            let wait: Duration = free > 0 ? max(until - context.time.wallNow, .milliseconds(1)) : .seconds(60)
            await room.wait(atMost: wait, on: context.time)
        }
    }

    /// How many files may be claimed now. A claim costs three flushes and a commit, whatever it holds: while there is enough to do it waits, so that it can
    /// be a large one.
    private func freeRoom() -> Int {
        let figures = context.ledger.figures
        guard figures.count(.fresh, of: spool.key) < context.limits.leastFresh else { return 0 }
        return max(spool.rules.admission - figures.unposted(of: spool.key), 0)
    }

    /// What the file system refuses now is looked at again later: one bad directory must not end the daemon, nor this spool.
    private func admitOrWait(atMost limit: Int) async throws -> Bool {
        do {
            return try await admit(atMost: limit)
        } catch let error as SpoolError where error.kind != .fsyncFailed {
            context.logger.error("the spool cannot be read; tried again", metadata: ["spool": "\(spool.root.path)", "error": "\(error)"])
            scan = nil
            window = []
            // The clock's scan is over too, though it came to nothing: one that stays due would be begun again at once, and again.
            regularScan = context.time.wallNow + .seconds(5)
            return false
        }
    }

    private func askScan(after delay: Duration) {
        let asked = context.time.wallNow + delay
        askedScan = min(asked, askedScan ?? asked)
    }

    /// Claims one batch.
    ///
    /// - Returns: whether there may be more to do at once.
    private func admit(atMost limit: Int) async throws -> Bool {
        if let batch = gathered?.take(at: context.time.monotonicNow) {
            try await claim(batch)
            return true
        }
        let news = hints.take(atMost: limit)
        if news.overflowed { askScan(after: .zero) }
        if !news.hints.isEmpty {
            for (directory, names) in Dictionary(grouping: news.hints, by: \.directory) {
                try await consider(names.map { ($0.name, $0.hint) }, in: directory)
            }
            return true
        }
        let now = context.time.wallNow
        if scan == nil, window.isEmpty {
            guard now >= nextScan || book.lookAgainAt.map({ now >= $0 }) ?? false else { return false }
            book.beginScan()
            askedScan = nil
            scan = try await context.files.run { [spool] () throws(SpoolError) in try spool.root.scan() }
        }
        if window.isEmpty { try await readWindow() }
        if window.isEmpty { return scan != nil }
        let names = Array(window.suffix(limit))
        window.removeLast(names.count)
        try await consider(names.map { ($0, .none) }, in: windowDirectory)
        return true
    }

    private func readWindow() async throws {
        guard let scan else { return }
        let next = try await context.files.run { () throws(SpoolError) in try scan.next() }
        guard let next else {
            self.scan = nil
            regularScan = context.time.wallNow + (hints.unavailable == nil ? .seconds(60) : .seconds(1))
            return
        }
        for oddity in next.oddities {
            context.logger.warning(
                "something in the spool is no file that could be ingested, and stays where it is",
                metadata: ["spool": "\(spool.root.path)", "path": "\(oddity.path)", "kind": "\(oddity.kind)"])
        }
        window = next.names
        windowDirectory = next.directory
    }

    // MARK: - Completeness

    /// Claims those of the names that are complete.
    private func consider(_ names: [(FileName, Completeness.Hint)], in directory: RelativePath) async throws {
        let rule = spool.rules.completeness
        // What waits for others is compared at its claim with what it was like now, except where what is visible is complete.
        let isUnseen = gathered == nil || rule.rule == .rename
        var complete: [FileName] = []
        var unsure: [(name: FileName, hint: Completeness.Hint)] = []
        for (name, hint) in names {
            if rule.isMarker(name) {
                // The marker says that its file is complete; the file itself is looked at with it.
                if let file = rule.fileName(ofMarker: name), hint != .none { unsure.append((file, .none)) }
            } else if isUnseen, rule.isCompleteUnseen(name, hint: hint) {
                complete.append(name)
            } else {
                unsure.append((name, hint))
            }
        }
        let decided = try await decide(unsure, in: directory)
        if gathered == nil {
            try await claim(complete + decided.complete.map(\.name), markers: decided.markers, in: directory)
        } else {
            gathered?.add(complete.map { .init($0) } + decided.complete, in: directory, at: context.time.monotonicNow)
        }
    }

    /// - Returns: those of the names that are complete, as they are, and the markers that said so, by their files' names.
    private func decide(
        _ names: [(name: FileName, hint: Completeness.Hint)], in directory: RelativePath
    ) async throws -> (complete: [GatheredFiles.File], markers: [FileName: SeenMarker]) {
        if names.isEmpty { return ([], [:]) }
        let rule = spool.rules.completeness
        let now = context.time.wallNow
        let root = spool.root
        let markers = names.map { rule.marker(of: $0.name) }
        let (files, marks) = try await context.files.run { () throws(SpoolError) in
            let files = try root.observe(names.map(\.name), in: directory, now: now)
            let marks = try markers.map { marker throws(SpoolError) in
                guard let marker else { return FileObservation?.none }
                return try root.observe([marker], in: directory, now: now).first ?? nil
            }
            return (files, marks)
        }
        var complete: [GatheredFiles.File] = []
        var seen: [FileName: SeenMarker] = [:]
        for (index, (name, hint)) in names.enumerated() {
            let path = directory.appending(name)
            guard let observation = files[index] else {
                book.gone(path)
                // It is gone, or no file at all: the claim says so.
                if rule.isCompleteUnseen(name, hint: hint) { complete.append(.init(name)) }
                continue
            }
            switch rule.decide(name, hint: hint, now: observation, earlier: book.earlier(path), marker: marks[index]) {
            case .complete:
                book.gone(path)
                complete.append(.init(name, seen: observation))
                if let marker = markers[index], let observation = marks[index] { seen[name] = SeenMarker(name: marker, seen: observation) }
            case .notYet(let again): book.notYet(path, observation, lookAgainAfter: again)
            case .isMarker: break
            }
        }
        return (complete, seen)
    }

    // MARK: - Claiming

    /// §3.1 and §3.2: the files are moved durably, then their rows are committed. The next claim waits for the commit, so that after a crash
    /// at most one claim of a spool is without rows.
    private func claim(_ names: [FileName], markers: [FileName: SeenMarker], in directory: RelativePath) async throws {
        if names.isEmpty { return }
        let claim = ClaimName(ledger: context.ledger.identity.uuid, counter: try await claims.next(context.ledger))
        let root = spool.root
        let result = try await context.files.run { () throws(SpoolError) in try root.claim(names, in: directory, into: claim) }
        await context.hooks.at(.filesClaimed)
        if !result.files.isEmpty {
            let files = result.files.map(LedgerFile.init)
            let (alone, wholes) = spool.rules.coalescing?.part(files, largest: spool.rules.maximumFileSize) ?? (files, [])
            let batch = ClaimedBatch(spool: spool.key, files: alone, wholes: wholes, at: context.time.wallNow)
            _ = try await context.ledger.commit(.claimed(batch))
            await context.hooks.at(.claimCommitted)
            sync.claimed()
            context.signals.sources.raise()
            try await remove(result.files.compactMap { markers[$0.name] }, in: directory)
        }
        try await report(result)
    }

    /// What said that the files are complete is looked at again: one may have been written to, or written anew, while it waited for the others, and must not
    /// be claimed on the word of before.
    private func claim(_ batch: GatheredFiles.Batch) async throws {
        switch spool.rules.completeness.rule {
        case .rename:
            try await claim(batch.files.map(\.name), markers: [:], in: batch.directory)
        case .marker:
            let decided = try await decide(batch.files.map { ($0.name, .none) }, in: batch.directory)
            try await claim(decided.complete.map(\.name), markers: decided.markers, in: batch.directory)
        case .closed, .quiet:
            try await claim(try await untouched(batch), markers: [:], in: batch.directory)
        }
    }

    /// Those to which nothing has happened since they were found complete. The others have to become quiet.
    private func untouched(_ batch: GatheredFiles.Batch) async throws -> [FileName] {
        let (root, now, names) = (spool.root, context.time.wallNow, batch.files.map(\.name))
        let found = try await context.files.run { () throws(SpoolError) in try root.observe(names, in: batch.directory, now: now) }
        var untouched: [FileName] = []
        for (file, observation) in zip(batch.files, found) {
            guard let observation else {
                // Gone, or no file at all: the claim says so.
                untouched.append(file.name)
                continue
            }
            if let seen = file.seen, observation.isUnchanged(since: seen) {
                untouched.append(file.name)
            } else {
                book.notYet(batch.directory.appending(file.name), observation, lookAgainAfter: spool.rules.completeness.quietTime)
            }
        }
        return untouched
    }

    private func remove(_ markers: [SeenMarker], in directory: RelativePath) async throws {
        if markers.isEmpty { return }
        let root = spool.root
        try await context.files.run { () throws(SpoolError) in try root.removeMarkers(markers, in: directory) }
    }

    private func report(_ result: ClaimResult) async throws {
        for left in result.unclaimed {
            let path = result.directory.appending(left.name)
            switch left.reason {
            case .vanished: break
            case .stillOpen:
                // Whoever has it open will close it, which is a hint; the scan is there for those whose hint is lost.
                askScan(after: spool.rules.completeness.quietTime)
            case .unreadable(let cause):
                try await alert(path, "the file cannot be read (\(cause)); make it readable for the daemon's group")
            case .notRegular(let kind):
                try await alert(path, "it is no regular file (\(kind))")
            }
        }
        if let error = result.stoppedBy {
            context.logger.error("claiming stopped; tried again", metadata: ["spool": "\(spool.root.path)", "error": "\(error)"])
            askScan(after: .seconds(5))
        }
    }

    /// Said once a file: it stays in the root, where the next scan looks at it again.
    private func alert(_ path: RelativePath, _ why: String) async throws {
        guard reported.count < 4096, reported.insert(path).inserted else { return }
        context.logger.error(
            "a file is held in the spool", metadata: ["spool": "\(spool.root.path)", "file": "\(path)", "reason": "\(why)"])
        var event = JournalEvent(.held, at: context.time.wallNow)
        event.reason = "\(spool.root.path)/\(path): \(why)"
        _ = try await context.ledger.commit(.record(event))
    }
}
