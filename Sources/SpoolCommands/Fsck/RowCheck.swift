import IngestionEngine
import IngestionModel
import Ledger
import SpoolConfiguration
import SpoolDirectory
import SpoolPrimitives

/// Every row of the ledger: with itself, with its file, and with what the journal says of it.
struct RowCheck {
    let ledger: LedgerReader
    /// Those that could be opened, by their paths.
    let spools: [String: SpoolCheck]
    /// The paths of all.
    let configured: Set<String>
    let now: Timestamp
    private static let page = 1000

    init(ledger: LedgerReader, spools: [SpoolCheck], configured: [String], now: Timestamp) {
        self.ledger = ledger
        self.spools = Dictionary(uniqueKeysWithValues: spools.map { ($0.settings.path, $0) })
        self.configured = Set(configured)
        self.now = now
    }

    func run(_ journal: JournalTrust, _ result: inout SystemCheck.Result) throws(LedgerError) {
        var verdicts = try VerdictComparison(journal, ledger, now: now, &result)
        var stranded: [String: Int] = [:]
        var last: Int64 = 0
        while true {
            let page = try ledger.rows(after: last, limit: Self.page)
            guard let end = page.last else { break }
            last = end.row
            result.rows += page.count
            try checkSuccessors(page, &result.differences)
            for row in page {
                switch row {
                case .damaged(let number): result.differences.add(.rowDamaged, "row \(number)")
                case .source(let entry):
                    try check(entry, &stranded, &result.differences)
                    try verdicts.compare(entry.source, &result)
                }
            }
        }
        try verdicts.finish(&result)
        for (spool, count) in stranded { result.differences.add(.spoolNotConfigured, spool, "\(count) files") }
    }

    private func checkSuccessors(_ page: [LedgerReader.Inspected], _ differences: inout DifferenceBook) throws(LedgerError) {
        var successors: [Int64: SourceID] = [:]
        for case .source(let entry) in page {
            if case .superseded(let next) = entry.source.progress.state { successors[next] = entry.source.id }
        }
        for row in try ledger.rows(Array(successors.keys)) { successors[row.row] = nil }
        for (next, id) in successors { differences.add(.successorMissing, "\(id)", "row \(next)") }
    }

    private func check(
        _ entry: LedgerReader.Entry, _ stranded: inout [String: Int], _ differences: inout DifferenceBook
    ) throws(LedgerError) {
        let source = entry.source
        if !source.isFiledRightly { differences.add(.rowMisfiled, "\(source.id)", "\(source.progress.state), filed under \(source.work)") }
        guard let spool = spools[entry.spool] else {
            if source.work != .remembered, !configured.contains(entry.spool) { stranded[entry.spool, default: 0] += source.fileCount }
            return
        }
        if case .superseded = source.progress.state { return }
        guard let files = try ledger.files(of: entry) else {
            return differences.add(.rowDamaged, "row \(source.id.row)", "its manifest cannot be read")
        }
        for file in files {
            do throws(SpoolError) {
                try checkFile(file, spool, &differences)
            } catch {
                differences.add(.spoolUnopenable, "\(entry.spool)/\(file.file.relativePath)", "\(error)")
            }
        }
    }

    private func checkFile(_ source: SourceRow, _ spool: SpoolCheck, _ differences: inout DifferenceBook) throws(SpoolError) {
        guard let file = source.file.claimedFile else { return differences.add(.rowDamaged, "row \(source.id.row)") }
        switch source.location {
        case .active:
            let subject = "\(spool.root.path)/.active/\(file.claim.text)/\(source.file.name)"
            if let identity = try spool.root.identity(of: file.name, in: file.claim) {
                if identity.size != source.file.size, source.progress.state != .held(.sizeDiffers, stage: .upload),
                    source.progress.state != .held(.sizeDiffers, stage: .post)
                {
                    differences.add(.sizeDiffers, subject, "\(identity.size) bytes, and \(source.file.size) in its row")
                }
                return
            }
            // Removed as its route says, with only the commit missing.
            if source.progress.state == .settled(.succeeded), case .delete = spool.settings.onSuccess { return }
            try searchFor(file, .fileMissing, subject, "\(source.progress.state)", spool, &differences)
        case .done(let text):
            guard let path = RelativePath(displayText: text), path.depth > 2 else {
                return differences.add(.rowDamaged, "row \(source.id.row)", "its place is \(text)")
            }
            if try spool.root.identity(at: path) != nil || !isKept(path, spool.settings) { return }
            try searchFor(file, .doneMissing, spool.path(path), nil, spool, &differences)
        case .failed, .deleted, .vanished:
            // failed/ is the operator's: what was mended, dropped again or thrown away is missing there rightly.
            return
        }
    }

    private func searchFor(
        _ file: ClaimedFile, _ kind: DifferenceKind, _ subject: String, _ detail: String?, _ spool: SpoolCheck,
        _ differences: inout DifferenceBook
    ) throws(SpoolError) {
        if let found = try spool.root.search(for: file) {
            differences.add(.fileElsewhere, spool.path(found), "its row has it at \(subject)")
        } else {
            differences.add(kind, subject, detail)
        }
    }

    /// protocol.md §3.8: days before this one may have been purged.
    private func isKept(_ path: RelativePath, _ settings: SpoolSettings) -> Bool {
        let keep: Duration =
            switch settings.onSuccess {
            case .move(let keep): keep
            case .delete(let keepPresumed): keepPresumed
            }
        guard let day = UTCDate(path.components[1].displayText) else { return true }
        return day >= UTCDate(now - max(keep, .seconds(3600)))
    }
}
