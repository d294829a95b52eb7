/// Ingests what was taken from the queues: batches of one database, table and set of properties, each in one transaction.
struct BatchIngestor: Sendable {
    unowned let cloud: Cloud

    /// A message that was understood, and where it came from.
    private struct Accepted {
        let message: IngestionMessage
        let queue: MessageQueue
        let id: String
    }

    private typealias Judged = (accepted: Accepted, result: Result<Ingested, IngestionFailure>)

    func ingest(_ taken: [(queue: MessageQueue, message: QueueMessage)]) {
        var batches: [String: [Accepted]] = [:]
        var order: [String] = []
        let committed = cloud.tables.tags
        let finished = cloud.tables.finished
        for (queue, message) in taken {
            guard let accepted = accept(queue, message) else { continue }
            if let result = finished[message.id] {
                // Its rows are in since before a restart; only nobody has been told.
                report([(accepted, Ingested.result(result))])
                continue
            }
            let key = accepted.message.isAlone ? Identifier.guid() : accepted.message.batchKey
            if batches[key] == nil { order.append(key) }
            batches[key, default: []].append(accepted)
        }
        for key in order { report(ingest(batch: batches[key] ?? [], committed)) }
        cloud.hub.changed()
    }

    private func accept(_ queue: MessageQueue, _ message: QueueMessage) -> Accepted? {
        let bytes = Digests.bytes(base64: message.text)
        let json = bytes.flatMap { JSON(parsing: $0) }
        cloud.log.record(ReceivedMessage(queue: queue.name, text: message.text, json: json, posted: message.inserted))
        do throws(IngestionFailure) {
            guard bytes != nil else { throw IngestionFailure("BadRequest_CorruptedMessage", "The message is not base64.") }
            guard let json else { throw IngestionFailure("BadRequest_CorruptedMessage", "The message is not JSON in base64.") }
            return Accepted(message: try IngestionMessage(json), queue: queue, id: message.id)
        } catch {
            reject(json, error)
            queue.finished([message.id])
            return nil
        }
    }

    private func ingest(batch: [Accepted], _ committed: [TableStore.Name: Set<String>]) -> [Judged] {
        var results: [Judged] = []
        var seen: Set<String> = []
        do {
            try cloud.tables.transaction { writer in
                for accepted in batch {
                    let message = accepted.message
                    let result: Result<Ingested, IngestionFailure>
                    if seen.insert(message.sourcePath).inserted {
                        result = try SourceIngestor(cloud: cloud, message: message, committedTags: committed).ingest(writer)
                    } else {
                        result = .failure(
                            IngestionFailure(
                                "BlobAlreadyReceived_BlobAlreadyFoundInBatch", "The blob is in this batch already: \(message.sourcePath)"))
                    }
                    if cloud.stateLog.isKept { try writer.finish(accepted.id, Ingested.json(result)) }
                    results.append((accepted, result))
                }
            }
        } catch {
            let failure = IngestionFailure(
                "General_InternalServerError", "The emulator's table store failed: \(error)", failureStatus: "Transient", shouldRetry: true)
            results = batch.map { ($0, .failure(failure)) }
        }
        return results
    }

    /// Tells what came of the sources, and only then lets the state folder forget their messages.
    private func report(_ results: [Judged]) {
        let operation = Identifier.guid()
        for (accepted, result) in results { report(accepted.message, result, operation) }
        for accepted in results.map(\.accepted) { accepted.queue.finished([accepted.id]) }
    }

    private func report(_ message: IngestionMessage, _ result: Result<Ingested, IngestionFailure>, _ operation: String) {
        switch result {
        case .failure(let failure): tell(message, Ingested(), failure, operation)
        case .success(let ingested):
            if let failure = ingested.reportedFailure { tell(message, Ingested(), failure, operation) }
            if !message.retainsBlob || cloud.configuration.dropsIngestedBlobs { ingested.delete?() }
            if ingested.reportedFailure?.isPartial != true { tell(message, ingested, nil, operation) }
        }
    }

    /// The notification goes out before the outcome is recorded: whoever waits for the outcome finds the notification.
    private func tell(_ message: IngestionMessage, _ ingested: Ingested, _ failure: IngestionFailure?, _ operation: String) {
        let notification = Notification(
            operationID: operation, rootActivityID: Identifier.guid(), database: message.database, table: message.table,
            sourceID: message.id,
            sourcePath: message.sourcePath, time: cloud.clock.now, failure: failure)
        cloud.failures.record(notification, properties: message.shownProperties)
        switch (message.reportLevel, failure) {
        case (.none, _), (.failuresOnly, nil): break
        case (.failuresAndSuccesses, nil), (.failuresOnly, .some), (.failuresAndSuccesses, .some):
            let isSilent = ingested.isSkipped && cloud.settings.now.skipReport == .silent
            if message.reportsToQueue, !isSilent { cloud.notifications.send(Verdict(notification: notification)) }
            if let target = message.statusTarget {
                let isSkipped = ingested.isSkipped && cloud.settings.now.skipReport != .succeeded
                let status = failure?.status ?? (isSkipped ? "Skipped" : "Succeeded")
                cloud.notifications.send(Verdict(notification: notification, target: target, status: status))
            }
        }
        cloud.log.record(
            Outcome(
                sourceID: message.id, database: message.database, table: message.table, sourcePath: message.sourcePath,
                errorCode: failure?.code, details: failure?.details, records: ingested.records, isSkipped: ingested.isSkipped,
                announcedRawSize: message.rawDataSize, actualRawSize: ingested.rawSize))
    }

    /// A message of which too little can be read for a report level of its own: its failure is reported.
    private func reject(_ json: JSON?, _ failure: IngestionFailure) {
        let id = json?.member("Id")?.text ?? ""
        let database = json?.member("DatabaseName")?.text ?? ""
        let table = json?.member("TableName")?.text ?? ""
        let path = String((json?.member("BlobPath")?.text ?? "").prefix { $0 != "?" && $0 != ";" })
        let notification = Notification(
            operationID: Identifier.guid(), rootActivityID: Identifier.guid(), database: database, table: table,
            sourceID: id.isEmpty ? Identifier.emptyGUID : id, sourcePath: path, time: cloud.clock.now, failure: failure)
        cloud.notifications.send(Verdict(notification: notification))
        cloud.log.record(
            Outcome(
                sourceID: id, database: database, table: table, sourcePath: path, errorCode: failure.code, details: failure.details,
                records: 0, isSkipped: false, announcedRawSize: nil, actualRawSize: nil))
    }
}
