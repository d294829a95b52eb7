import AzureStorage
import HTTPTransport
import IngestionModel
import KustoIngest
import KustoWire
import Ledger
import SpoolPrimitives

/// Puts the ingestion message of a source into a queue (protocol.md §3.5).
struct MessagePoster: Sendable {
    enum Outcome: Sendable {
        case accepted
        /// No queue has the message.
        case refused(String, code: String?, retryAfter: Duration?)
        /// A queue may have it.
        case inDoubt(String, code: String?)
        /// The message cannot be composed from this blob and the present snapshot: upload anew, or an operator's business.
        case notComposed(String, needsUpload: Bool)
    }

    let context: EngineContext
    private var statuses: StatusInserter { StatusInserter(context: context) }

    init(context: EngineContext) { self.context = context }

    func post(_ posting: CommittedPosting) async -> Outcome {
        // A post that is committed waits for nothing: its snapshot would get stale, and a crash meanwhile would leave it in doubt. Uploads wait instead.
        let loan = context.memory.take(ByteBudget.perRequest)
        defer { loan.giveBack() }
        if let table = posting.statusTable, let refusal = await insertStatus(of: posting, into: table) { return refusal }
        var tried: [StorageResource] = []
        var last = Outcome.refused(
            "no ingestion queue can be used: the resource snapshot is missing or has expired", code: nil, retryAfter: nil)
        while tried.count < ResourceRotation.attempts, let queue = context.resources.next(.queues, excluding: tried) {
            let text: Secret
            do throws(ComposingFailure) {
                text = try compose(posting)
            } catch {
                return .notComposed(error.text, needsUpload: error.needsUpload)
            }
            loan.become(ByteBudget.perRequest + ByteCount(text.revealed.utf8.count))
            let outcome = await put(text, into: queue)
            // Only what surely is in no queue may be put into another one.
            guard case .refused = outcome else { return outcome }
            last = outcome
            tried.append(queue)
            if Task.isCancelled { break }
        }
        return last
    }

    /// Before the post, so that the service finds what it is to fill in; its failure is a post that surely was not made.
    ///
    /// - Returns: nil where the entity stands.
    private func insertStatus(of posting: CommittedPosting, into identity: String) async -> Outcome? {
        guard let table = context.snapshots.current?.statusTable(identity) else {
            return .notComposed(IngestionMessageComposerError.statusTableLeft(identity).description, needsUpload: false)
        }
        defer { context.progress.moved() }
        do throws(StorageError) {
            try await statuses.insert(posting, into: table)
            return nil
        } catch {
            return .refused(error.description, code: error.code?.rawValue, retryAfter: error.retryAfter)
        }
    }

    private func put(_ text: Secret, into queue: StorageResource) async -> Outcome {
        defer { context.progress.moved() }
        do throws(StorageError) {
            let reply = try await context.queues.putMessage(queue: queue.url, text: text.revealed, clientRequestID: context.requestID())
            context.gates.answered(.post, by: queue.account, reply)
            context.resources.record(queue, succeeded: true)
            return .accepted
        } catch {
            context.resources.record(queue, succeeded: false)
            if error.isThrottling { context.gates.throttled(queue.account) }
            if Disposition(ofStorage: error.fault) == .refreshSnapshot { await context.resources.refused(queue) }
            let outcome = PostOutcome(status: error.status, code: error.code?.rawValue, sentNothing: error.sentNothing)
            switch outcome {
            case .surelyNot: return .refused(error.description, code: error.code?.rawValue, retryAfter: error.retryAfter)
            case .perhaps, .accepted: return .inDoubt(error.description, code: error.code?.rawValue)
            }
        }
    }

    private struct ComposingFailure: Error {
        var text: String
        var needsUpload: Bool
    }

    /// Composed for each attempt: SAS and identity token are of the snapshot that is current now.
    private func compose(_ posting: CommittedPosting) throws(ComposingFailure) -> Secret {
        guard let (snapshot, serverTime) = context.resources.present else {
            throw ComposingFailure(text: "there is no resource snapshot", needsUpload: false)
        }
        let name = SourceBlobName.make(
            instance: context.ledger.identity.instance, id: posting.source, attempt: posting.blob.attempt,
            format: posting.properties.format,
            encoding: posting.blob.encoding)
        do {
            return try context.composer.queueText(
                sourceID: posting.source.description, blob: UploadedBlobAddress(container: posting.blob.container, name: name),
                rawDataSize: posting.blob.rawSize.map { ByteCount($0) }, properties: posting.properties, created: posting.created,
                statusTable: posting.statusTable, snapshot: snapshot, serverTime: serverTime)
        } catch {
            switch error {
            case .containerLeft, .signatureEnds: throw ComposingFailure(text: error.description, needsUpload: true)
            case .message, .statusTableLeft: throw ComposingFailure(text: error.description, needsUpload: false)
            }
        }
    }
}

extension StorageError {
    /// Whether not one byte of the request left this machine.
    var sentNothing: Bool {
        if case .surelyNot = processing { true } else { false }
    }
}
