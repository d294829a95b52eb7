import GRDB
import KustoEmulator
import SpoolCommands
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// `kusto-spool fsck` finds each way in which spools, ledger and journal can disagree, by its name, and none where there is none.
@Suite struct FsckTests {
    struct Planted: Sendable, CustomTestStringConvertible {
        var kind: DifferenceKind
        var how: String
        var act: @Sendable (FsckFixture) throws -> Void
        var testDescription: String { "\(kind.rawValue): \(how)" }

        init(_ kind: DifferenceKind, _ how: String, _ act: @escaping @Sendable (FsckFixture) throws -> Void) {
            self.kind = kind
            self.how = how
            self.act = act
        }
    }

    private static func path(_ text: String) -> RelativePath { TemporaryDirectory.relative(text) }

    static let ledger: [Planted] = [
        Planted(.ledgerDamaged, "a page of the index is overwritten") { fixture in
            let queue = try DatabaseQueue(path: fixture.directory.path("state/ledger.sqlite"))
            let (page, size) = try queue.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
                return (
                    try Int.fetchOne(db, sql: "SELECT rootpage FROM sqlite_master WHERE name = 'sources_by_work'") ?? 0,
                    try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0
                )
            }
            try queue.close()
            var bytes = fixture.directory.read("state/ledger.sqlite") ?? []
            for index in (page - 1) * size..<page * size { bytes[index] = 0xAA }
            fixture.directory.write(bytes, to: path("state/ledger.sqlite"))
        },
        Planted(.rowDamaged, "a state that is none") { try $0.ledger("UPDATE sources SET state = 99 WHERE name = 'c.csv'") },
        Planted(.rowMisfiled, "a queued row that is only remembered") { try $0.ledger("UPDATE sources SET work = 9 WHERE name = 'c.csv'") },
        Planted(.successorMissing, "superseded by a row that is not there") {
            try $0.ledger("UPDATE sources SET state = 8, superseded_by = 999, work = 9 WHERE name = 'c.csv'")
        },
        Planted(.spoolNotConfigured, "a row of a spool that the configuration does not name") { fixture in
            try fixture.ledger(
                "INSERT INTO spools (path) VALUES ('/elsewhere')",
                "UPDATE sources SET spool = (SELECT number FROM spools WHERE path = '/elsewhere') WHERE name = 'c.csv'")
            fixture.directory.removeFile(path("spool/.active/\(fixture.claim)/c.csv"))
            fixture.directory.removeDirectory("spool/.active/\(fixture.claim)")
        },
        Planted(.outboxBroken, "an entry without its line") {
            try $0.ledger("INSERT INTO outbox SELECT value - 1, value - 1, x'' FROM meta WHERE key = 'next_seq'")
        },
    ]

    static let spool: [Planted] = [
        Planted(.spoolUnopenable, "failed/ is missing") { $0.directory.rename(path("spool/failed"), to: path("failed")) },
        Planted(.ownerMissing, ".spool is removed") { $0.directory.removeFile(path("spool/.spool")) },
        Planted(.ownerUnreadable, ".spool holds a text") { $0.directory.write("mine\n", to: "spool/.spool") },
        Planted(.ownerDiffers, ".spool names another ledger") {
            $0.directory.write("99999999-bbbb-4ccc-8ddd-eeeeeeeeeeee\n", to: "spool/.spool")
        },
        Planted(.fileWithoutRow, "a claim without its commit") { fixture in
            fixture.directory.makeDirectory("spool/.active/\(fixture.uuid)-900000", mode: 0o700)
            fixture.directory.write("x,1\n", to: "spool/.active/\(fixture.uuid)-900000/x.csv")
        },
        Planted(.fileWithoutRow, "another file in a claim that has rows") {
            $0.directory.write("x,1\n", to: "spool/.active/\($0.claim)/x.csv")
        },
        Planted(.fileMissing, "a claimed file is removed") { $0.directory.removeFile(path("spool/.active/\($0.claim)/c.csv")) },
        Planted(.fileElsewhere, "a claimed file is in done/") { fixture in
            fixture.directory.makeDirectory("spool/done/2026-01-02")
            fixture.directory.rename(path("spool/.active/\(fixture.claim)/c.csv"), to: path("spool/done/2026-01-02/c.csv"))
        },
        Planted(.fileElsewhere, "a disposed file is in .active") { fixture in
            fixture.directory.rename(try fixture.done(), to: path("spool/.active/\(fixture.claim)/a.csv"))
            try fixture.ledger("UPDATE sources SET claim = '\(fixture.claim)' WHERE name = 'a.csv'")
        },
        Planted(.sizeDiffers, "a claimed file grew") { $0.directory.append([120], to: path("spool/.active/\($0.claim)/c.csv")) },
        Planted(.doneMissing, "a file of done/ is removed") { $0.directory.removeFile(try $0.done()) },
        Planted(.reasonMissing, "a reason is removed") { $0.directory.removeFile(path("spool/failed/.reasons/bad.csv.json")) },
        Planted(.reasonMissing, "a file that nobody knows is in failed/") { $0.directory.write("x", to: "spool/failed/mine.txt") },
        Planted(.reasonWithoutFile, "a failed file is removed") { $0.directory.removeFile(path("spool/failed/bad.csv")) },
        Planted(.markerAside, "a marker is in .markers") { fixture in
            fixture.directory.makeDirectory("spool/.active/.markers", mode: 0o700)
            fixture.directory.write("", to: "spool/.active/.markers/x.csv.done")
        },
        Planted(.claimEmpty, "a claim without files") { $0.directory.makeDirectory("spool/.active/\($0.uuid)-77", mode: 0o700) },
        Planted(.strangerInActive, "a text in .active") { $0.directory.write("", to: "spool/.active/notes.txt") },
    ]

    static let journal: [Planted] = [
        Planted(.journalGone, "the journal is removed") { $0.directory.removeFile(path("log/journal.ndjson")) },
        Planted(.journalFlaw, "a line is taken out") { fixture in
            fixture.write(journal: fixture.journal().filter { !($0.contains("\"event\":\"queued\"") && $0.contains("\"file\":\"a.csv\"")) })
        },
        Planted(.journalFlaw, "a line with a verdict is taken out") { fixture in
            fixture.write(journal: fixture.journal().filter { !$0.contains("\"event\":\"succeeded\"") })
        },
        Planted(.journalFlaw, "a line is there twice") { $0.write(journal: $0.journal() + [$0.journal()[0]]) },
        Planted(.journalGap, "a gap line stands for two lines with their verdicts") { fixture in
            let kept = fixture.journal().suffix(2)
            let gap =
                #"{"event":"gap","from":1,"to":\#(fixture.journal().count - 2),"journal":"\#(fixture.uuid)","at":"\#(SystemTime().wallNow)"}"#
            fixture.write(journal: [gap] + kept)
        },
        Planted(.journalBehind, "the last line is cut off") { $0.write(journal: $0.journal().dropLast()) },
        Planted(.journalAhead, "a line that the ledger has not given") { fixture in
            let next = fixture.journal().count + 1
            fixture.write(journal: fixture.journal() + [#"{"seq":\#(next),"event":"noted","journal":"\#(fixture.uuid)"}"#])
        },
        Planted(.verdictOnlyInLedger, "the line of a verdict says something else") {
            $0.rename(event: "succeeded", of: "a.csv", to: "noted")
        },
        Planted(.verdictOnlyInJournal, "a line says a verdict of a file that waits") {
            $0.rename(event: "queued", of: "c.csv", to: "succeeded")
        },
        Planted(.verdictOnlyInJournal, "the row is gone") { try $0.ledger("DELETE FROM sources WHERE name = 'a.csv'") },
        Planted(.verdictDiffers, "the line of a failure says success") { $0.rename(event: "failed", of: "bad.csv", to: "succeeded") },
    ]

    @Test("each planted difference is found by its name, and only it", arguments: ledger + spool + journal)
    func planted(_ planted: Planted) async throws {
        try await FsckFixture.with { fixture in
            try planted.act(fixture)
            let (status, names, object) = try await fixture.check()
            #expect(names == [planted.kind.rawValue], "\(object)")
            #expect(status == (planted.kind.remedy == .note ? 0 : 65))
            let text = try await fixture.system.command("fsck")
            #expect(text.status == status && text.output.contains("\(planted.kind.rawValue): \(planted.kind.meaning)."))
            #expect(text.output.contains(planted.kind.advice))
        }
    }

    @Test("every kind of difference has a case in the table, a meaning and an advice")
    func complete() throws {
        #expect(Set((Self.ledger + Self.spool + Self.journal).map(\.kind)) == Set(DifferenceKind.allCases))
        for kind in DifferenceKind.allCases { #expect(!kind.meaning.hasSuffix(".") && !kind.advice.hasSuffix(".")) }
        let bytes = try #require(TemporaryDirectory.at(Repository.path("Sources/SpoolDaemon/SpoolDaemon.docc")).read("Operations.md"))
        let page = String(decoding: bytes, as: UTF8.self)
        for kind in DifferenceKind.allCases {
            #expect(page.contains("| `\(kind.rawValue)` | \(kind.meaning) | \(kind.remedy.rawValue) | \(kind.advice) |"), "\(kind)")
        }
    }

    @Test("a spool that has been used has none, with the daemon down or running")
    func healthy() async throws {
        try await FsckFixture.with { fixture in
            let (status, names, object) = try await fixture.check()
            #expect(status == 0 && names == [], "\(object)")
            #expect(object["rows"]?.integer == 3 && object["journal_lines"]?.integer == 8 && object["sound"] == .bool(true), "\(object)")
            _ = try await fixture.system.runningProgram { _, pool in
                fixture.system.emulator.releaseNotifications()
                _ = try await JournalEvents.wait(for: "c.csv", in: fixture.system.journalPath, on: pool) { $0.verdict(of: "c.csv") != nil }
                let (status, names, object) = try await fixture.check()
                #expect(status == 0 && names == [], "\(object)")
            }
            let words = try await fixture.system.command("fsck")
            #expect(words.status == 0 && words.output.hasSuffix("1 spool, 3 rows, 9 journal lines: no differences\n"), "\(words.output)")
        }
    }

    @Test("what is in motion is no difference: beside a daemon at work nothing is found")
    func inMotion() async throws {
        try await SystemFixture.with { system in
            let count = 400
            _ = try await system.runningProgram { _, pool in
                for number in 0..<count { system.drop("a,\(number)\n", as: "f\(number).csv") }
                // The daemon is at work, and not still making its ledger.
                _ = try await JournalEvents.wait(for: "the first event", in: system.journalPath, on: pool) { !$0.events.isEmpty }
                let checked = try await system.command("fsck", "--json")
                #expect(checked.status == 0, "\(checked.output)\(checked.errors)")
                _ = try await JournalEvents.wait(for: "all", in: system.journalPath, deadline: .seconds(120), on: pool) {
                    $0.verdicts.count == count
                }
            }
            let checked = try await system.command("fsck")
            #expect(
                checked.status == 0 && checked.output.contains("\(count) rows, \(3 * count) journal lines: no differences"),
                "\(checked.output)")
        }
    }
}
