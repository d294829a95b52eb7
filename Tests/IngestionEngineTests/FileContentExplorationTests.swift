import IngestionModel
import SpoolDirectory
import SpoolPrimitives
import Testing

/// P3 in every order: another hand changes the file between any two looks at it, replies get lost, the daemon dies, and what was ingested is still what was in
/// the file at one moment, and what was not ingested is not deleted.
///
/// The product's own rules decide: ``FileIdentity/changes(to:)``, ``SourceProgress`` and ``FileDestination``. The world around them is a model: a file of two
/// halves that are read one after the other, blobs by name, messages, and a service that takes what a message's blob holds at that moment.
@Suite struct FileContentExplorationTests {
    @Test("no order of changes, readings, lost replies and crashes ingests what never was the file, or deletes what was not ingested")
    func exhaustive() throws {
        let found = try Self.explore(.kept)
        #expect(found.breaches == [])
        // It saw what it is about.
        #expect(found.worlds > 5000)
        #expect(found.changesSeen > 100 && found.reposts > 100 && found.keptInFailed > 100 && found.deleted > 100)
    }

    /// One rule left out at a time, and the promise that breaks without it; others may break with that one.
    static let broken: [(name: String, rules: Rules, breach: Breach)] = [
        ("the look at the file after its last byte", Rules(looksAfterReading: false), .mixed),
        ("both looks at the file", Rules(looksBeforeReading: false, looksAfterReading: false), .notTheRow),
        ("the look before the disposal", Rules(looksBeforeDisposal: false), .deletedUnread),
        ("the bytes of a repost", Rules(repostsWhatTheFileIsNow: true), .copiesDiffer),
        ("a name of its own for each attempt", Rules(reusesBlobNames: true), .copiesDiffer),
    ]

    @Test("the explorer sees each rule of protocol.md §3.3 and §3.7 that is left out", arguments: broken.indices)
    func seesBrokenRules(index: Int) throws {
        let (name, rules, breach) = Self.broken[index]
        let breaches = try Self.explore(rules).breaches
        #expect(breaches.contains(breach), "without \(name): \(breaches)")
    }

    /// What the daemon does of protocol.md §3.3 and §3.7; all of it, or all but one.
    struct Rules: Sendable {
        var looksBeforeReading = true
        var looksAfterReading = true
        var looksBeforeDisposal = true
        var repostsWhatTheFileIsNow = false
        var reusesBlobNames = false

        static let kept = Rules()
    }

    /// A promise that did not hold.
    enum Breach: Hashable, Sendable {
        /// Bytes of two moments in one blob that was ingested.
        case mixed
        /// What was ingested is not what the row says.
        case notTheRow
        /// Two messages of one source brought different bytes.
        case copiesDiffer
        /// The file was deleted, and what was in it had not been ingested.
        case deletedUnread
    }

    struct Findings {
        var worlds = 0
        var changesSeen = 0
        var reposts = 0
        var keptInFailed = 0
        var deleted = 0
        var breaches: Set<Breach> = []
    }

    private static func explore(_ rules: Rules) throws -> Findings {
        var found = Findings()
        var frontier = [FileWorld()]
        var seen = Set(frontier)
        while let world = frontier.popLast() {
            for step in world.possibleSteps() {
                var next = world
                try next.take(step, rules)
                found.breaches.formUnion(next.breaches)
                // What follows a breach says nothing more.
                guard next.breaches.isEmpty, seen.insert(next).inserted else { continue }
                frontier.append(next)
            }
            if world.attempts > 0, world.row != FileWorld().row { found.changesSeen += 1 }
            if world.progress.posts > 1 { found.reposts += 1 }
            if world.place == .failed { found.keptInFailed += 1 }
            if world.place == .deleted { found.deleted += 1 }
        }
        found.worlds = seen.count
        return found
    }
}

/// One file, its source, and the service.
private struct FileWorld: Hashable {
    enum Step: Hashable {
        case change(Change)
        case open
        case readOn
        case post(arrives: Bool, answered: Bool)
        case crash
        case ingest
        case notify
        case dispose
    }

    /// What another hand does to a file.
    enum Change: Hashable, CaseIterable {
        /// Both halves, in place.
        case rewrite
        /// The second half only, in place, with size and mtime put back: only the ctime tells.
        case rewriteInSecret
        /// Another file under the same name.
        case replace
        /// Metadata only.
        case chmod
    }

    enum Place: Hashable { case active, failed, deleted }

    /// Two halves, each by the moment at which it was written.
    struct Content: Hashable {
        var first = 0
        var second = 0
    }

    struct Reading: Hashable {
        var content: Content?
        var name: Int
    }

    private(set) var row = FileIdentity(inode: 1, device: 0, size: 100, modified: 0, changed: 0)
    private var onDisk = FileIdentity(inode: 1, device: 0, size: 100, modified: 0, changed: 0)
    private var content = Content()
    private var written = 0
    private var reading: Reading?
    private(set) var progress = SourceProgress()
    /// The blob that can be posted, and the one that the row has since the last posting.
    private var blob: Int?
    private var committedBlob: Int?
    private var blobs: [Int: Content] = [:]
    /// Blob names in the queue.
    private var messages: [Int] = []
    private var ingested: Set<Content> = []
    private var hasNotification = false
    private(set) var place = Place.active
    private(set) var attempts = 0
    /// The contents that the file had while it was as its row says.
    private var ofTheRow: Set<Content> = [Content()]
    private(set) var breaches: Set<FileContentExplorationTests.Breach> = []
    private var changesLeft = 2
    private var crashesLeft = 1
    private var postsLeft = 2
    private var attemptsLeft = 4

    func possibleSteps() -> [Step] {
        var steps: [Step] = []
        if place == .active, changesLeft > 0 { steps += Change.allCases.map { .change($0) } }
        if crashesLeft > 0 { steps.append(.crash) }
        switch progress.state {
        case .claimed, .deferred, .ambiguous:
            if reading != nil {
                steps.append(.readOn)
            } else if blob == nil {
                if attemptsLeft > 0 { steps.append(.open) }
            } else if postsLeft > 0 {
                for arrives in [true, false] { steps += [true, false].map { .post(arrives: arrives, answered: $0) } }
            }
            // An hour passes: a blob that stands cannot be posted any more, and is uploaded anew under another name.
            if blob != nil, reading == nil, attemptsLeft > 0 { steps.append(.open) }
        case .settled(let verdict):
            if place == .active, FileDestination.needed(for: verdict, at: .active, deletesOnSuccess: true) != nil { steps.append(.dispose) }
        case .posting, .queued, .held, .superseded: break
        }
        if !messages.isEmpty { steps.append(.ingest) }
        if hasNotification { steps.append(.notify) }
        return steps
    }

    mutating func take(_ step: Step, _ rules: FileContentExplorationTests.Rules) throws {
        switch step {
        case .change(let change): self.change(change)
        case .open: try open(rules)
        case .readOn: try readOn(rules)
        case .post(let arrives, let answered): try post(arrives: arrives, answered: answered)
        case .crash:
            crashesLeft -= 1
            reading = nil
            // What was uploaded and not committed with a posting is forgotten.
            blob = committedBlob
            if case .posting = progress.state { _ = try progress.apply(.interrupted(repostAt: Self.now)) }
        case .ingest: ingest(messages.removeFirst())
        case .notify:
            hasNotification = false
            _ = try progress.apply(.notifiedSuccess)
        case .dispose: dispose(rules)
        }
    }

    private static let now = Timestamp(seconds: 0)

    private mutating func change(_ change: Change) {
        changesLeft -= 1
        written += 1
        let tick = Int64(written)
        onDisk.changed = tick
        switch change {
        case .rewrite:
            content = Content(first: written, second: written)
            onDisk.modified = tick
            onDisk.size = 100 + tick
        case .rewriteInSecret: content.second = written
        case .replace:
            content = Content(first: written, second: written)
            onDisk.inode = UInt64(1 + written)
            onDisk.modified = tick
        case .chmod: break
        }
    }

    private mutating func open(_ rules: FileContentExplorationTests.Rules) throws {
        attempts += 1
        attemptsLeft -= 1
        if rules.looksBeforeReading, !row.changes(to: onDisk).isEmpty {
            try changed(rules)
            return
        }
        reading = Reading(content: nil, name: rules.reusesBlobNames ? 1 : attempts)
    }

    private mutating func readOn(_ rules: FileContentExplorationTests.Rules) throws {
        guard var now = reading else { return }
        guard var read = now.content else {
            now.content = content
            reading = now
            return
        }
        read.second = content.second
        reading = nil
        // The blocks are sent as they are read: a failed attempt has left its bytes under its name.
        blobs[now.name] = read
        if rules.looksAfterReading, !row.changes(to: onDisk).isEmpty {
            try changed(rules)
            return
        }
        blob = now.name
    }

    /// protocol.md §3.3: the next attempt reads what the file is now, unless a message may be out whose bytes these would not be.
    private mutating func changed(_ rules: FileContentExplorationTests.Rules) throws {
        if progress.possibleCopies > 0, !rules.repostsWhatTheFileIsNow {
            _ = try progress.apply(.deferred(until: Self.now))
            attemptsLeft = 0
            blob = nil
            postsLeft = 0
            return
        }
        _ = try progress.apply(.deferred(until: Self.now))
        row = onDisk
        ofTheRow = [content]
        blob = nil
        committedBlob = nil
    }

    private mutating func post(arrives: Bool, answered: Bool) throws {
        guard let name = blob else { return }
        committedBlob = name
        postsLeft -= 1
        _ = try progress.apply(.posting)
        if arrives { messages.append(name) }
        switch (arrives, answered) {
        case (true, true): _ = try progress.apply(.postAccepted)
        case (false, true): _ = try progress.apply(.postRefused(retryAt: Self.now))
        case (_, false): _ = try progress.apply(.postInDoubt(repostAt: Self.now))
        }
    }

    private mutating func ingest(_ name: Int) {
        guard let bytes = blobs[name] else { return }
        if bytes.first != bytes.second, !wasWhole(bytes) { breaches.insert(.mixed) }
        if !ofTheRow.contains(bytes) { breaches.insert(.notTheRow) }
        ingested.insert(bytes)
        if ingested.count > 1 { breaches.insert(.copiesDiffer) }
        hasNotification = true
    }

    /// Whether the file was ever that: a change of its second half alone leaves the first as it was.
    private func wasWhole(_ bytes: Content) -> Bool { ofTheRow.contains(bytes) || bytes == content }

    private mutating func dispose(_ rules: FileContentExplorationTests.Rules) {
        if rules.looksBeforeDisposal, !row.changes(to: onDisk).isEmpty {
            place = .failed
            return
        }
        place = .deleted
        if !ingested.contains(content) { breaches.insert(.deletedUnread) }
    }
}
