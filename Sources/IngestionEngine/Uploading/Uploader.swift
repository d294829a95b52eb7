import AzureStorage
import Gzip
import HTTPTransport
import IngestionModel
import KustoIngest
import KustoWire
import Ledger
import OpenSSLCrypto
import SpoolDirectory
import SpoolPrimitives

/// Brings a claimed file into a temp storage container (protocol.md §3.3).
///
/// Every attempt reads the file from offset 0 under a blob name of its own, and goes to another account where there is one: a retry can
/// neither send the rest of a half-read file nor overwrite what an earlier attempt left.
struct Uploader: Sendable {
    enum Outcome: Sendable {
        /// The blob stands. Files of a coalesced source that are not in it have to leave the source before it is posted.
        case uploaded(UploadedBlob, without: [Separation])
        /// No file of a coalesced source can go into its blob: there is none.
        case nothingLeft([Separation])
        /// Wait until it is quiet, then try again, with what the file is now.
        case changed(String, LedgerFile)
        case vanished
        case held(HoldReason, String)
        case skipped(SkipReason)
        case failed(String, code: String?, retryAfter: Duration?)
        case cancelled
    }

    let context: EngineContext
    let attempts: AttemptCounter
    /// As many as compress at one time, and a few for large files between two blocks.
    private let compressors = GzipCompressorPool(keeping: 8)

    init(context: EngineContext, attempts: AttemptCounter) {
        self.context = context
        self.attempts = attempts
    }

    func upload(_ row: SourceRow, of spool: Spool, properties: IngestionProperties) async -> Outcome {
        var tried: [StorageResource] = []
        var lastFailure = Outcome.failed(
            "no temp storage container can be used: the resource snapshot is missing or has expired", code: nil, retryAfter: nil)
        while tried.count < ResourceRotation.attempts, let container = context.resources.next(.containers, excluding: tried) {
            if Task.isCancelled { return .cancelled }
            let outcome = await attempt(row, of: spool, properties: properties, in: container)
            guard case .failed = outcome else { return outcome }
            lastFailure = outcome
            tried.append(container)
        }
        return lastFailure
    }

    private func attempt(_ row: SourceRow, of spool: Spool, properties: IngestionProperties, in container: StorageResource) async -> Outcome
    {
        do {
            // The buffer first, and then the account's permit, for small files and for the blocks of large ones: who holds a permit never waits for
            // memory, or a small file that waits behind a large one's buffer, and a large one that waits for the small one's permit, would wait for ever.
            return try await context.memory.withBytes(held(for: row)) {
                if row.file.size > blockSize(of: row).bytes {
                    return try await send(row, of: spool, properties: properties, in: container)
                }
                return try await context.gates.withPermit(container.account) {
                    try await send(row, of: spool, properties: properties, in: container)
                }
            }
        } catch let error as SourceReader.Failure {
            return outcome(of: error, row)
        } catch let error as StorageError {
            return await outcome(of: error, in: container)
        } catch let error as LedgerError {
            return .failed(error.description, code: nil, retryAfter: nil)
        } catch {
            return .cancelled
        }
    }

    private func send(
        _ row: SourceRow, of spool: Spool, properties: IngestionProperties, in container: StorageResource
    ) async throws -> Outcome {
        switch try await open(row, of: spool, properties: properties) {
        case .ended(let outcome): return outcome
        case .reader(let reader, let first):
            let attempt = attempts.next()
            let text = SourceBlobName.make(
                instance: context.ledger.identity.instance, id: row.id, attempt: attempt, format: properties.format,
                encoding: reader.encoding)
            guard let name = BlobName(text) else { preconditionFailure("our own blob names are legal: \(text)") }
            try await send(reader, first, to: BlobTarget(container: container, name: name))
            context.resources.record(container, succeeded: true)
            // A coalesced source may lose files behind its first block: told after the last.
            let separations = (reader as? CoalescedReader)?.separations ?? []
            return .uploaded(
                UploadedBlob(
                    container: container.identity, attempt: attempt, encoding: reader.encoding, rawSize: reader.rawSize,
                    sentSize: reader.sentCount, md5: reader.digest.bytes, uploadedAt: context.time.wallNow), without: separations)
        }
    }

    /// What a reader and its blocks hold: the block that is being filled, what overflowed it, and the blocks on their way with their requests.
    private func held(for row: SourceRow) -> ByteCount {
        let blockSize = blockSize(of: row).bytes
        let whole = min(row.file.size + 1024, blockSize + Int64(BlobBlocks.slack))
        // A coalesced source's files are read one by one, each whole.
        let file = row.isCoalesced ? min(row.file.size, CoalescingRules.largestFile.bytes) : 0
        let requests = row.file.size > blockSize ? Int64(context.limits.blocksInFlight) : 1
        let blocks = row.file.size > blockSize ? requests + 1 : 1
        return ByteCount(whole * blocks + file + ByteBudget.perRequest.bytes * requests)
    }

    /// As configured, or larger where a blob would have more blocks than storage takes (50,000; gzip may add a little).
    private func blockSize(of row: SourceRow) -> ByteCount { max(context.limits.blockSize, ByteCount(row.file.size / 49_000 + 1)) }

    // MARK: - Reading

    private enum Opened: Sendable {
        case reader(any BlobReader, first: SourceReader.Block)
        case ended(Outcome)
    }

    /// Opens the file by its claim path, compares it with its row, and reads the first block: for a small file all of it, in one go.
    private func open(_ row: SourceRow, of spool: Spool, properties: IngestionProperties) async throws -> Opened {
        if row.isCoalesced { return try await openCoalesced(row, of: spool, properties: properties) }
        let file = row.file
        guard let claim = ClaimName(file.claim), let name = FileName(displayText: file.name) else {
            return .ended(.held(.vanished, "the ledger's row names no possible file"))
        }
        let identity = FileIdentity(inode: file.inode, device: 0, size: file.size, modified: file.modified, changed: file.changed)
        let blockSize = blockSize(of: row)
        let compressors = compressors
        return try await context.readers.run { () throws(SourceReader.Failure) in
            let opening: OpenClaimedFile.Opening
            do throws(SpoolError) {
                opening = try OpenClaimedFile.open(spool.root, claim, name, expecting: identity)
            } catch {
                throw .file(error)
            }
            switch opening {
            case .unchanged(let opened):
                // Only now: a file that was empty when it was claimed may have become something since.
                if file.size == 0 { return .ended(.skipped(.empty)) }
                if file.size > spool.rules.maximumFileSize.bytes { return .ended(.skipped(.tooLarge)) }
                let reader = try SourceReader(
                    opened, name: file.name, format: properties.format, compresses: spool.rules.compresses, blockSize: blockSize,
                    compressors: compressors)
                return .reader(reader, first: try reader.next())
            case .changed(let opened, let changes):
                let now: FileIdentity
                do throws(SpoolError) { now = try opened.identity() } catch { throw .file(error) }
                throw .changed(changes, now)
            case .vanished: return .ended(.vanished)
            case .unreadable(let cause): return .ended(.held(.unreadable, "the file cannot be read: \(cause)"))
            }
        }
    }

    /// The same for the files of a coalesced source, of which the first block may hold many.
    private func openCoalesced(_ row: SourceRow, of spool: Spool, properties: IngestionProperties) async throws -> Opened {
        let manifest = try await context.ledger.manifest(of: row)
        guard let joining = properties.format.joining else {
            // The route's format has changed since the claim, to one that knows no joining.
            let separations = manifest.present.map {
                Separation(index: $0.index, code: "format", reason: "files of \(properties.format.rawValue) travel alone")
            }
            return .ended(.nothingLeft(separations))
        }
        let blockSize = blockSize(of: row)
        let compressors = compressors
        // Where a message may be out already, nothing may be left out: what cannot be posted again is not worth an upload.
        let mustBeWhole = row.progress.possibleCopies > 0
        return try await context.readers.run { () throws(SourceReader.Failure) in
            let reader = CoalescedReader(
                manifest, of: spool.root, joining: joining, hasHeader: properties.ignoreFirstRecord && joining.hasHeaders,
                compresses: spool.rules.compresses, mustBeWhole: mustBeWhole,
                blockSize: blockSize, compressors: compressors)
            let first = try reader.next()
            if first.isLast, reader.isEmpty { return .ended(.nothingLeft(reader.separations)) }
            return .reader(reader, first: first)
        }
    }

    // MARK: - Sending

    private struct BlobTarget: Sendable {
        var container: StorageResource
        var name: BlobName
    }

    /// One Put Blob where the blob fits a block, else Put Block in parallel and a Put Block List at the end.
    private func send(_ reader: any BlobReader, _ first: SourceReader.Block, to target: BlobTarget) async throws {
        if first.isLast {
            try await repeating(on: target.container.account) { () throws(StorageError) in
                try await context.blobs.putBlob(
                    container: target.container.url, name: target.name, body: first.bytes, md5: first.md5,
                    clientRequestID: context.requestID())
            }
            return
        }
        var ids: [BlockID] = []
        try await withThrowingTaskGroup(of: [UInt8].self) { group in
            var block = first
            var inFlight = 0
            while true {
                let id = BlockID(index: ids.count)
                ids.append(id)
                if inFlight == context.limits.blocksInFlight {
                    // Without a name of its own: a second reference would keep the memory from being used again.
                    reader.giveBack(try await group.next() ?? [])
                    inFlight -= 1
                }
                inFlight += 1
                group.addTask { [block] in
                    try await context.gates.withPermit(target.container.account) {
                        try await repeating(on: target.container.account) { () throws(StorageError) in
                            try await context.blobs.putBlock(
                                container: target.container.url, name: target.name, blockID: id, body: block.bytes, md5: block.md5,
                                clientRequestID: context.requestID())
                        }
                    }
                    return block.bytes
                }
                if block.isLast { break }
                block = try await next(reader)
            }
            try await group.waitForAll()
        }
        try await repeating(on: target.container.account) { () throws(StorageError) in
            try await context.blobs.putBlockList(
                container: target.container.url, name: target.name, blockIDs: ids, blobMD5: reader.digest,
                clientRequestID: context.requestID())
        }
    }

    private func next(_ reader: any BlobReader) async throws(SourceReader.Failure) -> SourceReader.Block {
        try await context.readers.run { () throws(SourceReader.Failure) in try reader.next() }
    }

    /// Sends again what may be sent again to the same place: the bytes are still in memory and every one of these requests is idempotent.
    /// What only another account or a new snapshot can mend is thrown at once.
    private func repeating(on account: StorageAccountKey, _ send: () async throws(StorageError) -> StorageReply) async throws {
        var failures = 0
        while true {
            do throws(StorageError) {
                defer { context.progress.moved() }
                let reply = try await send()
                context.gates.answered(.upload, by: account, reply)
                return
            } catch {
                failures += 1
                if error.isThrottling { context.gates.throttled(account) }
                let disposition = Disposition(ofStorage: error.fault)
                guard disposition == .retryHere || disposition == .retryElsewhere, failures < 3, !Task.isCancelled else { throw error }
                let delay = RetryPolicy(first: .milliseconds(200), ceiling: .seconds(5))
                    .delay(afterFailure: failures, retryAfter: error.retryAfter, random: context.random.unit())
                // A server that asks for a long wait is not waited for here: another account may do better.
                guard delay < .seconds(10) else { throw error }
                try await context.time.sleep(for: delay)
            }
        }
    }

    // MARK: - Outcomes

    private func outcome(of failure: SourceReader.Failure, _ row: SourceRow) -> Outcome {
        switch failure {
        case .changed(let changes, let now):
            .changed("the file changed after it was claimed (\(changes)); it is read again when it is quiet", row.file.now(now))
        case .incomplete(let why): .changed(why, row.file)
        case .skipped(let reason): .skipped(reason)
        case .file(let error): .failed(error.description, code: nil, retryAfter: nil)
        }
    }

    private func outcome(of error: StorageError, in container: StorageResource) async -> Outcome {
        if Task.isCancelled { return .cancelled }
        context.resources.record(container, succeeded: false)
        if Disposition(ofStorage: error.fault) == .refreshSnapshot { await context.resources.refused(container) }
        return .failed(error.description, code: error.code?.rawValue, retryAfter: error.retryAfter)
    }
}

extension StorageError {
    var fault: Fault { Fault(status: status, code: code?.rawValue) }

    /// Whether the account has too much to do at present.
    var isThrottling: Bool { status == 503 || status == 429 }
}
