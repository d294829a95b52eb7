import IngestionModel
import KustoIngest
import KustoWire
import Ledger
import Logging
import SpoolPrimitives

/// Asks the engine about sources of which no notification came, by the names of their blobs (protocol.md §5). What is found there is a verdict;
/// silence proves nothing.
struct FailureConsultation: Sendable {
    let context: EngineContext

    /// The failures that the engine remembers of these sources, by row; empty too where it cannot be asked.
    func failures(of rows: [SourceRow]) async -> [Int64: FailureReport] {
        guard let list = context.failures else { return [:] }
        var found: [Int64: FailureReport] = [:]
        for start in stride(from: 0, to: rows.count, by: FailureList.atMost) {
            let some = rows[start..<min(start + FailureList.atMost, rows.count)]
            do throws(ManagementError) {
                let failures = try await list.failures(naming: some.map(\.id.description))
                context.progress.moved()
                for row in some { found[row.id.row] = report(on: row, in: failures) }
            } catch {
                context.logger.warning(
                    "the engine cannot be asked for ingestion failures; it is asked again in an hour", metadata: ["error": "\(error)"])
                return found
            }
        }
        return found
    }

    /// The newest failure of the blob that the row was last posted with. Where that was one that the service tries again by itself, it may have come
    /// right since.
    private func report(on row: SourceRow, in failures: [RecordedFailure]) -> FailureReport? {
        guard let blob = row.blob, let format = row.properties?.format else { return nil }
        let name = SourceBlobName.make(
            instance: context.ledger.identity.instance, id: row.id, attempt: blob.attempt, format: format, encoding: blob.encoding)
        let ours = failures.filter { SourceBlobName.isName(name, ofPath: $0.sourcePath) }
        guard let newest = ours.max(by: { ($0.failedOn ?? .distantPast) < ($1.failedOn ?? .distantPast) }) else { return nil }
        let details = newest.failure.details.map { ": \($0)" } ?? ""
        let report = FailureReport(
            errorCode: newest.failure.errorCode.rawValue, failureStatus: newest.failure.status,
            details: "no notification came; the engine's list of ingestion failures has the blob\(details)",
            shouldRetry: newest.failure.shouldRetry ?? false,
            originatesFromUpdatePolicy: newest.failure.originatesFromUpdatePolicy ?? false,
            operationID: newest.operationID)
        return FailureMeaning(of: report, possibleCopies: row.progress.possibleCopies) == .noted ? nil : report
    }
}

extension Timestamp {
    fileprivate static let distantPast = Timestamp(microseconds: .min)
}
