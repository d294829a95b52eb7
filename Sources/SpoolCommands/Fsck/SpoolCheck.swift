import IngestionModel
import Ledger
import SpoolConfiguration
import SpoolDirectory
import SpoolPrimitives

/// One spool's directories with the ledger: what is there and should not be.
struct SpoolCheck {
    let settings: SpoolSettings
    let root: SpoolRoot
    let ledger: LedgerIdentity

    /// So many claims' files are held in memory at a time, 16 bytes each; more of them take more passes.
    private static let namesAtATime = 500_000
    private static let page = 5000
    private static let batch = 500

    func run(_ reader: LedgerReader, _ differences: inout DifferenceBook) throws(LedgerError) {
        do throws(SpoolError) {
            try checkOwner(&differences)
            try checkReasons(&differences)
            let markers = root.markersAside()
            while let files = try markers.next() {
                for file in files { differences.add(.markerAside, path(file)) }
            }
        } catch {
            differences.add(.spoolUnopenable, root.path, "\(error)")
            return
        }
        let passes = try reader.activeCount(spool: root.path) / Self.namesAtATime + 1
        for pass in 0..<passes { try checkActive(reader, pass: pass, of: passes, &differences) }
    }

    func path(_ below: RelativePath) -> String { "\(root.path)/\(below.displayText)" }

    private func checkOwner(_ differences: inout DifferenceBook) throws(SpoolError) {
        switch try root.owner() {
        case .missing: differences.add(.ownerMissing, root.path)
        case .unreadable: differences.add(.ownerUnreadable, root.path)
        case .ledger(let uuid): if uuid != ledger.uuid { differences.add(.ownerDiffers, root.path, "the ledger \(uuid)") }
        }
    }

    private func checkReasons(_ differences: inout DifferenceBook) throws(SpoolError) {
        let failed = root.failedFiles()
        while let files = try failed.next() {
            for file in files where try root.reason(for: file) == nil { differences.add(.reasonMissing, path(file)) }
        }
        let reasons = root.reasonFiles()
        while let files = try reasons.next() {
            for file in files where try root.subject(ofReason: file) == nil { differences.add(.reasonWithoutFile, path(file)) }
        }
    }

    // MARK: - .active

    private func key(_ claim: String, _ name: String) -> Int {
        var hasher = Hasher()
        hasher.combine(claim)
        hasher.combine(name)
        return hasher.finalize()
    }

    private func isOf(_ pass: Int, _ passes: Int, _ claim: String) -> Bool {
        passes == 1 || Int(UInt(bitPattern: claim.hashValue) % UInt(passes)) == pass
    }

    /// The claims of one pass: what is in them and in no row. Two names with one hash, which would hide one, are one in 2^64.
    private func checkActive(_ reader: LedgerReader, pass: Int, of passes: Int, _ differences: inout DifferenceBook) throws(LedgerError) {
        var names: Set<Int> = []
        var claims: Set<Int> = []
        var row: Int64 = 0
        let note = { (files: [LedgerReader.ActiveName]) in
            for file in files where isOf(pass, passes, file.claim) {
                names.insert(key(file.claim, file.name))
                claims.insert(file.claim.hashValue)
            }
        }
        try reader.forEachCoalescedActive(spool: root.path, note)
        while true {
            let page = try reader.activeNames(spool: root.path, after: row, limit: Self.page)
            note(page)
            guard let last = page.last else { break }
            row = last.row
        }
        var unknown: [(claim: ClaimName, name: FileName)] = []
        do {
            let listing = try root.activeClaims()
            while let window = try listing.next() {
                switch window.content {
                case .foreign(let path): if pass == 0 { differences.add(.strangerInActive, self.path(path)) }
                case .claim(let claim, _, let files):
                    guard isOf(pass, passes, claim.text) else { continue }
                    if files.isEmpty, !claims.contains(claim.text.hashValue) {
                        differences.add(.claimEmpty, "\(root.path)/.active/\(claim.text)")
                    }
                    unknown += files.filter { !names.contains(key(claim.text, $0.displayText)) }.map { (claim, $0) }
                    if unknown.count >= Self.batch { try resolve(&unknown, reader, &differences) }
                }
            }
            try resolve(&unknown, reader, &differences)
        } catch let error as LedgerError {
            throw error
        } catch {
            differences.add(.spoolUnopenable, root.path, "\(error)")
        }
    }

    /// A file of no row that believes it here: of a row that believes it elsewhere, or of none.
    private func resolve(
        _ files: inout [(claim: ClaimName, name: FileName)], _ reader: LedgerReader, _ differences: inout DifferenceBook
    ) throws(LedgerError) {
        while !files.isEmpty {
            let batch = files.prefix(Self.batch)
            files.removeFirst(batch.count)
            var rows: [Int: SourceRow] = [:]
            for case .source(let entry) in try reader.rows(ofNames: batch.map(\.name.displayText), spool: root.path) {
                rows[key(entry.source.file.claim, entry.source.file.name)] = entry.source
            }
            for (claim, name) in batch {
                let subject = "\(root.path)/.active/\(claim.text)/\(name.displayText)"
                switch rows[key(claim.text, name.displayText)]?.location {
                case nil: differences.add(.fileWithoutRow, subject)
                case .active: continue
                case .done(let path), .failed(let path): differences.add(.fileElsewhere, subject, "its row has it at \(path)")
                case .deleted: differences.add(.fileElsewhere, subject, "its row has it deleted")
                case .vanished: differences.add(.fileElsewhere, subject, "its row has it vanished")
                }
            }
        }
    }
}
