import Glibc
import SpoolPrimitives

/// Holds a world against the promises of the design: P1 to P7. It reads disks and books, and asks the engine nothing.
struct Judge {
    private let world: World

    init(_ world: World) { self.world = world }

    private func fail(_ text: String) { world.fail(text) }

    /// - Parameter eventsToo: whether the journal is asked as well as the ledger.
    private func books(eventsToo: Bool = true) -> Books? {
        do { return try Books(world, eventsToo: eventsToo) } catch {
            fail("P5: the books cannot be read: \(error)")
            return nil
        }
    }

    // MARK: - Now and then

    enum Outlook {
        /// Every file has what it waits for.
        case settled
        /// Something is held.
        case waitsForOperator
        case waits
    }

    /// What the files still wait for, as far as that is visible from outside. Settled are they with none in the root, and in `.active` only those that
    /// nothing but an operator or a late notification could help.
    var outlook: Outlook {
        guard !world.cloud.hasUnreadNotices else { return .waits }
        if world.fleet.files.count < world.schedule.present.count(where: { if case .drop = $0 { true } else { false } }) { return .waits }
        let paths = world.settings.spools.indices.map { world.fleet.paths(of: $0) }
        let waiting = paths.enumerated().flatMap { spool, paths in
            paths.filter { $0.hasPrefix(".active/") }.map { Disk.inode(of: "\(world.fleet.root(of: spool))/\($0)") }
        }
        let isRootEmpty = paths.joined().allSatisfy { $0.contains("/") }
        if waiting.isEmpty, isRootEmpty { return .settled }
        guard let books = books(eventsToo: false) else { return .settled }
        let areHelpless = waiting.allSatisfy { inode in
            books.sources.last { $0.inode == inode && $0.supersededBy == nil }.map { $0.verdict == 5 || $0.hold == "vanished" }
                ?? false
        }
        if areHelpless, isRootEmpty { return .settled }
        return books.sources.contains { $0.work == Books.held && $0.hold != "vanished" } ? .waitsForOperator : .waits
    }

    /// What has not come to its end, for a failure's text.
    var unsettled: String {
        let rows = (books()?.sources ?? []).filter { $0.work < Books.resting }.map(\.text)
        let places = world.settings.spools.indices.flatMap { world.fleet.places(of: $0) }.map(\.path)
            .filter { !$0.hasPrefix("done/") && !$0.hasPrefix("failed/") }
        return "\(rows) \(places) pending \(world.cloud.pending) unread \(world.cloud.hasUnreadNotices)"
    }

    /// The id of a row that the ledger has never made.
    var unknownSource: String? {
        books()?.sources.first.map { String($0.id.dropLast(4)) + "fff0" }
    }

    // MARK: - At any moment at which no engine runs

    /// P1 and P5, which hold always.
    func checkPresent() {
        guard let books = books() else { return }
        checkNumbers(books)
        let places = world.settings.spools.indices.map { world.fleet.places(of: $0) }
        for file in world.fleet.files where !file.isReplaced {
            let here = places[file.drop.spool].filter { $0.inode == file.inode }
            if here.count > 1 { fail("P1: file \(file.drop.number) is in \(here.count) places: \(here.map(\.path))") }
            if let place = here.first {
                checkPlace(place, of: file, books)
            } else {
                checkGone(file, books)
            }
        }
        for (spool, places) in places.enumerated() {
            for place in places where world.fleet.find(inode: place.inode) == nil {
                fail("P1: \(place.path) in spool\(spool) is nobody's file")
            }
        }
    }

    private func checkPlace(_ place: Fleet.Place, of file: SimulatedFile, _ books: Books) {
        if place.bytes != file.versions.last ?? [] { fail("P1: \(place.path) has other bytes than its producer wrote last") }
        if place.path.hasPrefix("done/") || place.path.hasPrefix("failed/") {
            let row = books.sources.last { $0.inode == file.inode && $0.spool == file.drop.spool && $0.supersededBy == nil }
            guard let row, let verdict = row.verdict, verdict != 5 else {
                return fail("P2: \(place.path) has left .active without a verdict: \(row?.text ?? "no row")")
            }
        }
    }

    /// Only a success that the service reported lets a file go, and only where the route says so, and only the bytes that were ingested.
    private func checkGone(_ file: SimulatedFile, _ books: Books) {
        let number = file.drop.number
        guard world.settings.spools[file.drop.spool].deletesOnSuccess else { return fail("P1: file \(number) is nowhere") }
        let row = books.sources.last { $0.inode == file.inode && $0.spool == file.drop.spool && $0.supersededBy == nil }
        if row?.verdict != 1 { fail("P1: file \(number) is gone without a success: \(row?.text ?? "no row")") }
        let isIn = world.cloud.ingestions.contains { $0.file == number && $0.version == file.versions.count - 1 }
        if !isIn { fail("P3: file \(number) is gone, and what it held last was never ingested") }
    }

    /// P5: numbers from 1 on without a gap, each once, and what is in the outbox follows.
    private func checkNumbers(_ books: Books) {
        for (index, event) in books.events.enumerated() {
            if event.name == "gap" { return fail("P5: a gap is announced, and nobody touched the journal: \(event.text)") }
            if event.seq != Int64(index) + 1 { return fail("P5: event \(index + 1) has the number \(event.seq ?? -1): \(event.text)") }
        }
    }

    // MARK: - At the end

    func checkEnd() {
        guard let books = books() else { return }
        world.eventCounts = Dictionary(grouping: books.events, by: \.name).mapValues(\.count)
        if books.outboxCount > 0 { fail("P5: \(books.outboxCount) events are not in the journal after a stop") }
        for source in books.sources { checkEvents(of: source, books) }
        for file in world.fleet.files where !file.isReplaced { checkFile(file, books) }
        for id in Set(books.events.compactMap(\.source)).sorted() where !books.sources.contains(where: { $0.id == id }) {
            fail("P5: the journal tells of \(id), which the ledger does not know")
        }
        checkCopies(books)
        checkSecrets()
    }

    private static let names = [1: "succeeded", 2: "failed", 3: "presumed", 4: "skipped", 5: "unconfirmed"]
    private static let ranks = ["succeeded": 4, "failed": 3, "skipped": 3, "presumed": 2, "unconfirmed": 1]

    /// The ledger is what the journal told: one verdict a source, corrected upwards only, and the last is the row's.
    private func checkEvents(of source: Books.Source, _ books: Books) {
        let events = books.events.filter { $0.source == source.id && $0.file == source.name }
        var verdicts = events.filter { Self.ranks[$0.name] != nil }
        if source.supersededBy != nil {
            // A file leaves its whole before the post, when the whole is decided, or because it is split; only then is the whole superseded for it.
            let told = events.count { $0.name == "superseded" } + events.count { $0.name == "separated" }
            if told != 1 { fail("P5: \(source.id) was superseded, and the journal does not say so once: \(events.map(\.name))") }
            if case .after? = source.departure, verdicts.count == 1 { return }
            // Only an operator's retry supersedes what had a verdict: one that was not final.
            if verdicts.contains(where: { $0.name != "unconfirmed" }) {
                fail("P2: \(source.id) was superseded, and has a verdict: \(verdicts.map(\.name))")
            }
            return
        }
        guard let verdict = source.verdict else {
            if source.hold != "vanished" { fail("P2: \(source.text) has no verdict") }
            return
        }
        // One that left a decided whole has brought its verdict along.
        if let left = books.events.first(where: { $0.name == "separated" && $0.successor == source.id && $0.verdict != nil }) {
            verdicts.append(Books.Event(seq: left.seq, name: left.verdict ?? "", text: left.text))
        }
        guard verdicts.count == 1, var current = verdicts.first?.name else {
            return fail("P2: \(source.id) has \(verdicts.count) verdicts in the journal: \(verdicts.map(\.name))")
        }
        for event in events where event.name == "corrected" {
            let next = event.verdict ?? ""
            if Self.ranks[next, default: 0] <= Self.ranks[current, default: 0] {
                fail("P2: \(source.id) was corrected from \(current) to \(next)")
            }
            current = next
        }
        if current != Self.names[verdict] {
            fail("P5: the ledger has \(source.id) as \(Self.names[verdict] ?? "?"), the journal as \(current)")
        }
    }

    private func checkFile(_ file: SimulatedFile, _ books: Books) {
        let number = file.drop.number
        let chain = books.sources.filter { $0.inode == file.inode && $0.spool == file.drop.spool }
        guard let last = chain.last(where: { $0.supersededBy == nil }) else { return fail("P2: file \(number) has no source") }
        if chain.count(where: { $0.supersededBy == nil }) > 1 { fail("P2: file \(number) has several sources that count") }
        guard let verdict = last.verdict else { return }
        // What a whole's message never had, its notifications are not about.
        let ids = Set(chain.filter { if case .before? = $0.departure { false } else { true } }.map(\.id))
        let notices = world.cloud.notices.filter { ids.contains($0.source) }
        let successes = notices.filter { $0.code == nil && $0.isKnown }
        let ingested = world.cloud.ingestions.filter { $0.file == number }
        switch verdict {
        case 1:
            if !notices.contains(where: { $0.code == nil }) { fail("P2: file \(number) succeeded, and the service never said so") }
            if ingested.isEmpty { fail("P2: file \(number) succeeded, and its rows are not there") }
        case 2:
            if !successes.isEmpty { fail("P2: file \(number) failed, and the service had reported its success") }
            if !notices.contains(where: { $0.code != nil && $0.status != "Transient" }) {
                fail("P2: file \(number) failed, and the service never said so")
            }
        case 3:
            if !world.settings.spools[file.drop.spool].reportsFailuresOnly {
                fail("P2: file \(number) is presumed, and its route reports successes")
            }
            if notices.contains(where: { $0.source == last.id && Self.isFinal($0) }) {
                fail("P2: file \(number) is presumed, and a failure was reported")
            }
        case 4:
            if file.drop.kind == .small || file.drop.kind == .large { fail("P2: file \(number) was skipped: \(last.text)") }
            if world.cloud.posts.contains(where: { ids.contains($0.source) }) { fail("P2: file \(number) was skipped, and posted") }
        default:
            if !successes.isEmpty { fail("P2: file \(number) is unconfirmed, and its success was reported") }
            if notices.contains(where: { $0.source == last.id && Self.isFinal($0) }) {
                fail("P2: file \(number) is unconfirmed, and a failure was reported")
            }
        }
        checkEndPlace(file, last, books)
    }

    /// Failures that end a source, and neither supersede it nor are only noted.
    private static func isFinal(_ notice: SimulatedCloud.Notice) -> Bool {
        notice.isKnown && notice.code == "Stream_WrongNumberOfFields" && notice.status == "Permanent"
    }

    private func checkEndPlace(_ file: SimulatedFile, _ row: Books.Source, _ books: Books) {
        let number = file.drop.number
        let hasChanged = books.events.contains { $0.name == "changed_after_post" && $0.source == row.id }
        guard let place = world.fleet.places(of: file.drop.spool).first(where: { $0.inode == file.inode }) else { return }
        let top = place.path.split(separator: "/").first ?? ""
        let wanted: Substring =
            switch row.verdict {
            case 1, 3: "done"
            case 2, 4: "failed"
            default: ".active"
            }
        if top != wanted, !(hasChanged && (top == "failed" || top == "done")) {
            fail("P1: file \(number) is \(Self.names[row.verdict ?? 0] ?? "?") and at \(place.path)")
        }
        if top != ".active", row.path != place.path {
            fail("P1: file \(number) is at \(place.path), and the ledger says \(row.path ?? "nowhere")")
        }
        if top == "failed", Disk.read("\(world.fleet.root(of: file.drop.spool))/failed/.reasons/\(place.path.dropFirst(7)).json") == nil {
            fail("P2: \(place.path) has no reason beside it")
        }
    }

    /// P4: what the daemon repeats, it announces; what it ingests twice, somebody repeated.
    private func checkCopies(_ books: Books) {
        for source in books.sources {
            // Of what it lost before its post nothing was repeated.
            if case .before? = source.departure { continue }
            let posts = world.cloud.posts.count { $0.source == source.id }
            let announced = books.events.count { $0.source == source.id && $0.file == source.name && $0.name == "reposted" }
            if posts > 1 + announced { fail("P4: \(source.id) was posted \(posts) times, and \(announced) repeats were announced") }
        }
        for post in world.cloud.posts where !books.sources.contains(where: { $0.id == post.source }) {
            fail("P4: \(post.source) was posted, and the ledger does not know it")
        }
        for file in world.fleet.files {
            let chain = books.sources.filter { $0.inode == file.inode && $0.spool == file.drop.spool }
            let ids = Set(chain.map(\.id))
            let copies = world.cloud.ingestions.count { $0.file == file.drop.number && !$0.isRepeat }
            let announced = books.events.count { event in
                (event.name == "reposted" || event.name == "superseded") && event.file == file.drop.name
                    && event.source.map(ids.contains) ?? false
            }
            if copies > 1 + announced {
                fail("P4: file \(file.drop.number) was ingested \(copies) times, and \(announced) repeats were announced")
            }
        }
    }

    /// P6: nothing that stays behind, and nothing that was logged, has a secret in it.
    private func checkSecrets() {
        for path in Disk.walk(world.directory) {
            let bytes = Disk.read("\(world.directory)/\(path)") ?? []
            for needle in Secrets.needles where bytes.contains(needle) { fail("P6: \(needle) stands in \(path)") }
        }
        for line in world.trace.lines where line.contains(" log ") {
            for needle in Secrets.needles where line.contains(needle) { fail("P6: \(needle) was logged: \(line)") }
        }
    }
}

extension [UInt8] {
    fileprivate func contains(_ needle: String) -> Bool {
        let wanted = Array(needle.utf8)
        return withUnsafeBytes { bytes in wanted.withUnsafeBytes { Self.finds($0, in: bytes) } }
    }

    private static func finds(_ needle: UnsafeRawBufferPointer, in bytes: UnsafeRawBufferPointer) -> Bool {
        guard let wanted = needle.baseAddress, let first = needle.first else { return true }
        var rest = bytes
        while rest.count >= needle.count, let start = rest.baseAddress, let found = memchr(start, Int32(first), rest.count) {
            let left = rest.count - (UnsafeRawPointer(found) - start)
            if left >= needle.count, memcmp(found, wanted, needle.count) == 0 { return true }
            rest = UnsafeRawBufferPointer(start: UnsafeRawPointer(found) + 1, count: left - 1)
        }
        return false
    }
}
