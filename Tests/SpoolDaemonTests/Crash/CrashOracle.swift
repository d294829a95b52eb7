import IngestionModel
import KustoEmulator
import Ledger
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// What must hold when all is over, whatever happened in between: design.md's promises P1 to P6.
struct CrashOracle: Sendable {
    let system: SystemFixture
    let files: [CrashFiles.Dropped]
    let logged: [String]
    /// For failures: what was done.
    let context: String

    /// What was found, in numbers.
    struct Judgement: Sendable {
        var files = 0
        var verdicts = 0
        /// Files whose bytes or rows are nowhere.
        var lost = 0
        /// Messages beyond one a file that the service ingested, and how many repeats the journal announced.
        var duplicates = 0
        var announced = 0
        /// Rows compared with the files' lines.
        var rows = 0

        static func + (a: Judgement, b: Judgement) -> Judgement {
            Judgement(
                files: a.files + b.files, verdicts: a.verdicts + b.verdicts, lost: a.lost + b.lost, duplicates: a.duplicates + b.duplicates,
                announced: a.announced + b.announced, rows: a.rows + b.rows)
        }
    }

    func judge() async throws -> Judgement {
        var journal = JournalEvents()
        for line in (system.directory.read("log/journal.ndjson") ?? []).split(separator: UInt8(ascii: "\n")) {
            try journal.add(Array(line))
        }
        var judgement = Judgement(files: files.count, verdicts: journal.verdicts.count)
        judgement.lost = checkFiles()
        checkJournal(journal)
        try checkRows(journal, &judgement)
        try checkLedger(journal)
        checkSecrets()
        return judgement
    }

    // MARK: - P1: every file is in exactly one place, with its bytes

    /// - Returns: how many files are lost.
    private func checkFiles() -> Int {
        var lost = 0
        for route in system.routes {
            var found = CrashFiles.files(of: route.name, in: system.directory).map { ($0.key, $0.value) }
            for file in files where file.spool == route.name {
                guard let index = found.firstIndex(where: { $0.1 == Array(file.contents.utf8) }) else {
                    lost += 1
                    Issue.record("\(context): \(file.path) is lost, or its bytes are others")
                    continue
                }
                let (path, _) = found.remove(at: index)
                let directory = file.verdict == "succeeded" ? "done" : "failed"
                #expect(path.displayText.hasPrefix("\(directory)/"), "\(context): \(file.path) is at \(path)")
                // A file in a subdirectory keeps its place in the tree.
                let depth = file.path.split(separator: "/").count + (directory == "done" ? 2 : 1)
                #expect(path.depth == depth, "\(context): \(file.path) is at \(path)")
            }
            #expect(found.isEmpty, "\(context): there is more than was dropped: \(found.map(\.0))")
            #expect(system.directory.names(in: "\(route.name)/.active") == [FileName(".lock")], "\(context): leftovers in .active")
        }
        return lost
    }

    // MARK: - P2, P5: one verdict a file, no gap

    private func checkJournal(_ journal: JournalEvents) {
        #expect(journal.isGapless, "\(context): the journal's numbers have a gap or a repeat")
        // Files that travel together have one source.
        let sources = journal.verdicts.map { "\($0.source ?? "") \($0.file ?? "")" }
        #expect(
            Set(sources).count == sources.count && sources.count == files.count,
            "\(context): \(journal.verdicts.map { "\($0.file ?? "?") \($0.name)" })")
        for (path, dropped) in Dictionary(grouping: files, by: \.path) {
            // A better verdict that comes late replaces the first, which is said as `corrected`.
            let verdicts = journal.verdicts.filter { $0.file == path }.map { verdict in
                journal.events.last { $0.name == "corrected" && $0.source == verdict.source && $0.file == path }?.object["verdict"]?.text
                    ?? verdict.name
            }
            #expect(verdicts == dropped.map(\.verdict), "\(context): \(path) \(verdicts)")
        }
    }

    // MARK: - P3, P4: the rows are the files' rows, and every duplicate was announced

    private func checkRows(_ journal: JournalEvents, _ judgement: inout Judgement) throws {
        var landed: [String: Int] = [:]
        for table in Set(system.routes.map(\.table)) {
            for row in try system.emulator.rows("Test", table) {
                landed[row.texts.map { $0 ?? "" }.joined(separator: ","), default: 0] += 1
            }
        }
        for file in files {
            let copies = Set(file.rows.map { landed.removeValue(forKey: $0) ?? 0 })
            if file.rows.isEmpty { continue }
            #expect(copies.count == 1, "\(context): \(file.path) landed in part: \(copies)")
            let announced = journal.of(file: file.path).count { ["reposted", "superseded", "duplicated"].contains($0.name) }
            let count = copies.first ?? 0
            if count == 0 { judgement.lost += 1 }
            judgement.duplicates += max(count - 1, 0)
            judgement.announced += announced
            judgement.rows += file.rows.count
            #expect(count >= 1, "\(context): the rows of \(file.path) are lost")
            #expect(count <= 1 + announced, "\(context): \(file.path) is in \(count) times, and \(announced) repeats were announced")
        }
        #expect(landed.isEmpty, "\(context): rows landed that no file has: \(landed.keys.prefix(5))")
    }

    // MARK: - The ledger and the journal agree

    private func checkLedger(_ journal: JournalEvents) throws {
        let reader = try LedgerReader(path: system.directory.path("state/ledger.sqlite"))
        #expect(try reader.outboxCount() == 0, "\(context): events wait for the journal")
        let counts = try reader.counts()
        #expect(counts.allSatisfy { $0.work == .remembered }, "\(context): \(counts)")
        for path in Set(files.map(\.path)) {
            for entry in try reader.find(file: path) {
                guard case .settled(let verdict) = entry.source.progress.state else { continue }
                let events = journal.events.filter { $0.source == entry.source.id.description && $0.file == path }
                let said =
                    events.last { $0.name == "corrected" }?.object["verdict"]?.text ?? events.first { $0.name == verdict.description }?.name
                #expect(
                    said == verdict.description, "\(context): \(path) is \(verdict) in the ledger, and \(said ?? "nothing") in the journal")
                switch entry.source.location {
                case .done(let at), .failed(let at):
                    let place = "\(entry.spool)/\(at)".dropFirst(system.directory.path.count + 1)
                    #expect(system.directory.read(String(place)) != nil, "\(context): the ledger has \(path) at \(at), where nothing is")
                case .active, .deleted, .vanished: Issue.record("\(context): \(path) is \(entry.source.location)")
                }
            }
        }
    }

    // MARK: - P6: nothing of a secret

    private func checkSecrets() {
        let secrets = ["sig=", "emulator-token"] + system.emulator.receivedMessages.compactMap { Self.identityToken(of: $0) }.prefix(3)
        for (path, bytes) in system.directory.allFiles() where path.displayText != "token" {
            let text = String(decoding: bytes, as: UTF8.self)
            for secret in secrets { #expect(!text.contains(secret), "\(context): \(path) holds a secret: \(secret.prefix(8))…") }
        }
        for secret in secrets { #expect(!logged.contains { $0.contains(secret) }, "\(context): the log holds a secret") }
        // The same search finds what is there: the messages, which hold both.
        #expect(system.emulator.receivedMessages.contains { message in message.json.map { "\($0)".contains("sig=") } ?? false })
    }

    private static func identityToken(of message: ReceivedMessage) -> String? {
        message.json?["AdditionalProperties"]?["authorizationContext"]?.text
    }
}
