import IngestionModel
import Ledger
import Logging
import SpoolDirectory
import SpoolPrimitives

/// Puts the files of a settled whole where its verdict wants them (protocol.md §3.7): together where all is as it should be, with one commit for all.
///
/// A file that has changed or vanished leaves the whole with the whole's verdict, and is disposed of like any other.
struct CoalescedDisposer {
    let context: EngineContext
    let spool: Spool
    private static let page = 256

    /// - Returns: what is to be committed, and whether nothing is left to be done: else the whole has to be looked at again.
    func dispose(_ row: SourceRow) async throws -> (changes: [LedgerChange], isComplete: Bool) {
        guard case .settled(let verdict) = row.progress.state,
            let destination = FileDestination.needed(for: verdict, at: row.location, deletesOnSuccess: spool.rules.deletesOnSuccess)
        else { return ([], false) }
        var result = Result(location: Self.location(destination, row))
        let files = try await context.ledger.manifest(of: row).present
        for start in stride(from: 0, to: files.count, by: Self.page) {
            let page = Array(files[start..<min(start + Self.page, files.count)])
            let outcomes =
                switch row.location {
                case .active: try await dispose(page, of: row, verdict, destination)
                case .done, .failed, .deleted, .vanished: try await relocate(page, of: row, verdict, destination)
                }
            for ((index, segment), outcome) in zip(page, outcomes) { result.note(index, segment, outcome) }
        }
        if let refusal = result.refusal {
            context.logger.error(
                "coalesced files cannot be moved to where their verdict wants them; tried again in 30 s",
                metadata: ["source": "\(row.id)", "error": "\(refusal)"])
        }
        return (result.changes(of: row, at: context.time.wallNow), result.refusal == nil)
    }

    private func target(
        _ destination: FileDestination, _ segment: Segment, of row: SourceRow, _ verdict: Verdict
    ) -> DisposalTarget {
        switch destination {
        case .done: .done(date: UTCDate(row.decidedAt ?? row.claimedAt))
        case .failed: .failed(reason: FailedFileReason.encode(row.asIfAlone(segment), verdict: verdict))
        case .delete: .removed
        }
    }

    private func dispose(
        _ page: [(index: Int, segment: Segment)], of row: SourceRow, _ verdict: Verdict, _ destination: FileDestination
    ) async throws -> [DisposalOutcome] {
        let disposals = page.map { _, segment in
            segment.file.claimedFile.map { Disposal($0, to: target(destination, segment, of: row, verdict)) }
        }
        // A name that the ledger has and no file can have: nothing to be done for it here, and its own row will say so.
        guard disposals.allSatisfy({ $0 != nil }) else { return page.map { _ in .vanished } }
        let outcomes = try await context.files.run { () throws(SpoolError) in try spool.root.dispose(disposals.compactMap { $0 }) }
        await context.hooks.at(.fileDisposed)
        return outcomes
    }

    /// A better verdict came when the files had been moved already (§2).
    private func relocate(
        _ page: [(index: Int, segment: Segment)], of row: SourceRow, _ verdict: Verdict, _ destination: FileDestination
    ) async throws -> [DisposalOutcome] {
        // What has been moved once is not removed any more.
        let kept: FileDestination = destination == .delete ? .done : destination
        var outcomes: [DisposalOutcome] = []
        for (_, segment) in page {
            guard let file = segment.file.claimedFile, let stored = Self.path(segment, in: row.location) else {
                outcomes.append(.vanished)
                continue
            }
            let target = target(kept, segment, of: row, verdict)
            let moved = try await context.files.run { () throws(SpoolError) in
                do throws(SpoolError) {
                    return try spool.root.move(
                        stored, originally: file.name, from: file.directory, expecting: file.identity, to: target)
                } catch {
                    if error.kind == .fsyncFailed { throw error }
                    return .refused(error)
                }
            }
            outcomes.append(moved)
        }
        return outcomes
    }

    private static func path(_ segment: Segment, in whole: FileLocation) -> RelativePath? {
        switch segment.location(in: whole) {
        case .done(let path), .failed(let path): RelativePath(displayText: path)
        case .active, .deleted, .vanished: nil
        }
    }

    /// The directory that all of them go to.
    private static func location(_ destination: FileDestination, _ row: SourceRow) -> FileLocation {
        let done = FileLocation.done(path: "done/\(UTCDate(row.decidedAt ?? row.claimedAt).text)")
        return switch destination {
        case .done: done
        case .failed: .failed(path: "failed")
        // From where it was moved to once, it is not removed any more.
        case .delete: if case .active = row.location { .deleted } else { done }
        }
    }

    private struct Result {
        let location: FileLocation
        private var paths: [Int: String] = [:]
        private var separations: [Separation] = []
        private(set) var refusal: SpoolError?

        init(location: FileLocation) { self.location = location }

        mutating func note(_ index: Int, _ segment: Segment, _ outcome: DisposalOutcome) {
            switch outcome {
            case .moved(let path), .alreadyThere(let path):
                if path.components.first == directory {
                    note(path.displayText, of: index, segment)
                } else {
                    // Moved by an earlier verdict, a moment before a crash, or before a neighbour could not be moved.
                    separations.append(
                        Separation(
                            index: index, code: "elsewhere", reason: "an earlier verdict had sent the file to \(path); it is moved alone"))
                }
            case .removed: break
            // After a removal, that is what was wanted.
            case .vanished where location == .deleted: break
            case .vanished:
                separations.append(
                    Separation(index: index, code: "vanished", reason: "the file is not where it was left; it is looked for alone"))
            case .changed(let changes), .changedThere(_, let changes):
                separations.append(
                    Separation(index: index, code: "changed", reason: "the file changed after it was read (\(changes)); it is kept alone"))
            case .refused(let error): refusal = error
            }
        }

        /// Where all of them are going, by its first part; nil where they are removed.
        private var directory: FileName? {
            switch location {
            case .done(let path), .failed(let path): RelativePath(displayText: path)?.components.first
            case .active, .deleted, .vanished: nil
            }
        }

        /// Only where it is not its own name in the common directory.
        private mutating func note(_ path: String, of index: Int, _ segment: Segment) {
            let plain = Segment(segment.file)
            let isPlain =
                switch plain.location(in: location) {
                case .done(let expected), .failed(let expected): expected == path
                case .active, .deleted, .vanished: false
                }
            if !isPlain || segment.path != nil { paths[index] = path }
        }

        func changes(of row: SourceRow, at now: Timestamp) -> [LedgerChange] {
            var changes: [LedgerChange] = []
            if !separations.isEmpty {
                changes.append(.source(SourceChange(row: row.id.row, .separated(isDecided: true), at: now, separations: separations)))
            }
            // What was moved already is found there the next time.
            if refusal == nil { changes.append(.disposed(row: row.id.row, location, paths: paths, at: now)) }
            return changes
        }
    }
}
