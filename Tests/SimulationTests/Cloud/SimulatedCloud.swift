import HTTPTransport
import SpoolPrimitives

/// The service as far as the daemon can tell: data management, blobs, queues, and an ingestor that keeps its own books. In memory, on the loop's thread.
///
/// Written apart from the daemon's clients and codecs: what both got wrong alike would agree with itself.
final class SimulatedCloud: @unchecked Sendable {  // used on the loop's thread alone
    let loop: VirtualLoop
    let dice: Dice
    let settings: Settings
    let trace: Trace
    let fleet: Fleet
    var sabotage: Sabotage?

    /// By kind and number of call.
    var faults: [CallKind: [Int: Fault]] = [:]
    var treatments: [Int: Treatment] = [:]
    var deliveries: [Int: Delivery] = [:]
    var outages: [(from: Duration, until: Duration)] = []
    /// When each spool's table is there.
    var tableAppears: [Int: Duration] = [:]
    /// Faults that were met, for the count of what a run has seen.
    private(set) var faultsMet = 0
    private var calls: [CallKind: Int] = [:]

    // MARK: - Resources

    private var containerGeneration = 0
    private var queueGeneration = 0
    private var noticeGeneration = 0
    private var signatures: [String: Duration] = [:]
    private var tokens: [String: Duration] = [:]

    // MARK: - Storage

    private(set) var blobs: [String: [UInt8]] = [:]
    private var blocks: [String: [String: [UInt8]]] = [:]
    private(set) var queues: [String: [Message]] = [:]
    /// The status table's entities, by their key.
    var statuses: [String: [(name: String, value: String)]] = [:]
    /// What the last query's entities said: indices of ``notices``.
    var lastFound: [Int] = []

    struct Message {
        var id: String
        var text: String
        var visibleAt: Duration
        var receipt: String
        /// The source that it is about, where it is one of ours.
        var source: String?
    }

    // MARK: - Books

    /// Every message that an ingestion queue has taken.
    private(set) var posts: [Post] = []
    /// Every time that rows were ingested.
    private(set) var ingestions: [Ingestion] = []
    /// Every notification that was put into a queue for the daemon.
    private(set) var notices: [Notice] = []
    /// What must never happen, seen from the service's side.
    private(set) var complaints: [String] = []
    /// Messages that are not processed, and notifications that are not put yet.
    private(set) var pending = 0
    private var takenMessages = 0
    private var putNotices = 0
    private var nextID = 0

    struct Post {
        var source: String
        var blob: String
        var at: Duration
    }

    struct Ingestion {
        var source: String
        var file: Int
        var version: Int
        /// The service's own repeat.
        var isRepeat: Bool
    }

    struct Notice {
        var source: String
        /// Nil for a success.
        var code: String?
        var status: String?
        var at: Duration
        /// Whether the daemon has removed it from the queue.
        var isDeleted = false
        var messageID: String
        /// The daemon may have met its end before it could read it.
        var queue: String
        /// In the status table.
        var isStatus = false
        /// A query has brought it, and its reply arrived.
        var isHeard = false
        /// Another took its place in the table.
        var isOverwritten = false

        /// Whether the daemon can have known it.
        var isKnown: Bool { isStatus ? isHeard : isDeleted }
    }

    init(loop: VirtualLoop, settings: Settings, trace: Trace, fleet: Fleet, dice: Dice) {
        self.loop = loop
        self.dice = dice
        self.settings = settings
        self.trace = trace
        self.fleet = fleet
    }

    /// The reply with these statuses has arrived.
    func heard(_ found: [Int]) {
        for index in found { notices[index].isHeard = true }
    }

    /// Whoever heard it is gone, and may not have written it down.
    func forgetHearing() {
        for index in notices.indices where notices[index].isStatus && statuses[notices[index].source] != nil {
            notices[index].isHeard = false
        }
    }

    func complain(_ text: String) {
        trace.add("COMPLAINT \(text)")
        complaints.append(text)
    }

    /// The fault of a call, and its number. After the calm there are none.
    func fault(of kind: CallKind) -> (number: Int, fault: Fault?) {
        let number = calls[kind, default: 0]
        calls[kind] = number + 1
        let now = loop.monotonicNow
        guard now < Schedule.calm else { return (number, nil) }
        if outages.contains(where: { $0.from <= now && now < $0.until }) {
            return (number, dice.chance(50, "outage", number) ? .refused : .lostBefore)
        }
        let fault = faults[kind]?[number]
        if fault != nil { faultsMet += 1 }
        return (number, fault)
    }

    func renew(_ renewal: Renewal) {
        switch renewal {
        case .containers: containerGeneration += 1
        case .queues: queueGeneration += 1
        case .notifications: noticeGeneration += 1
        }
    }

    private func newID() -> String {
        nextID += 1
        let digits = String(nextID, radix: 16)
        return "00000000-0000-4000-a000-" + String(repeating: "0", count: 12 - digits.count) + digits
    }
}

// MARK: - Data management

extension SimulatedCloud {
    func management(_ request: HTTPRequest) -> HTTPResponse {
        let body = String(decoding: request.body, as: UTF8.self)
        guard request.headers.contains(where: { $0.name == "Authorization" && $0.revealed == "Bearer \(Secrets.bearer)" }) else {
            return HTTPResponse(status: 401)
        }
        if body.contains(".get ingestion resources") { return json(resources()) }
        if body.contains(".get kusto identity token") {
            let token = "\(Secrets.token)\(tokens.count)"
            tokens[token] = loop.monotonicNow + .seconds(3600)
            return json(#"{"Tables":[{"TableName":"Table_0","Columns":[{"ColumnName":"AuthorizationContext"}],"Rows":[["\#(token)"]]}]}"#)
        }
        return HTTPResponse(status: 400)
    }

    func json(_ text: String) -> HTTPResponse {
        // Its own clock, which nobody sets.
        let date = HTTPDate.text(VirtualLoop.epoch + loop.monotonicNow)
        return HTTPResponse(status: 200, headers: [("Content-Type", "application/json"), ("Date", date)], body: Array(text.utf8))
    }

    private func resources() -> String {
        var rows: [String] = []
        func add(_ type: String, _ service: String, _ account: Int, _ name: String) {
            rows.append(#"["\#(type)","https://sim\#(account).\#(service).core.windows.net/\#(name)?\#(signature())"]"#)
        }
        for account in 0..<settings.accounts {
            add("TempStorage", "blob", account, "container\(containerGeneration)")
            add("SecuredReadyForAggregationQueue", "queue", account, "ingest\(queueGeneration)")
        }
        add("SuccessfulIngestionsQueue", "queue", 0, successQueue)
        add("FailedIngestionsQueue", "queue", 0, failureQueue)
        add("IngestionsStatusTable", "table", 0, "statuses")
        return #"{"Tables":[{"TableName":"Table_0","Columns":[{"ColumnName":"ResourceTypeName"},{"ColumnName":"StorageRoot"}],"Rows":["#
            + rows.joined(separator: ",") + "]}]}"
    }

    private func signature() -> String {
        let end = loop.monotonicNow + settings.signatureLife
        let name = "\(Secrets.signature)\(signatures.count)"
        signatures[name] = end
        return "sv=2018-03-28&sr=c&se=\(VirtualLoop.epoch + end)&sp=rwdl&sig=\(name)"
    }

    /// Whether a URL's signature is one of ours and still good.
    func isSigned(_ url: SecretURL) -> Bool {
        guard let end = url.queryValue("sig").flatMap({ signatures[$0] }) else { return false }
        return loop.monotonicNow < end
    }

    func isToken(_ text: String?) -> Bool { text.flatMap { tokens[$0] }.map { loop.monotonicNow < $0 } ?? false }

    private var successQueue: String { "successes\(noticeGeneration)" }
    private var failureQueue: String { "failures\(noticeGeneration)" }
    private func queueKey(_ name: String) -> String { "sim0.queue.core.windows.net/\(name)" }
}

// MARK: - Storage

extension SimulatedCloud {
    func storage(_ request: HTTPRequest, _ kind: CallKind) -> HTTPResponse {
        guard isSigned(request.url) else { return refusal(403, "AuthenticationFailed") }
        switch kind {
        case .putBlob, .putBlock, .putBlockList: return blob(request, kind)
        case .putMessage, .getMessages, .deleteMessage, .other: return queue(request, kind)
        case .insertStatus, .queryStatuses, .deleteStatus: return statuses(request, kind)
        case .resources, .token: return refusal(400, "InvalidUri")
        }
    }

    func refusal(_ status: Int, _ code: String) -> HTTPResponse {
        HTTPResponse(status: status, headers: [("x-ms-error-code", code)], body: Array("<Error><Code>\(code)</Code></Error>".utf8))
    }

    private func blob(_ request: HTTPRequest, _ kind: CallKind) -> HTTPResponse {
        let name = "\(request.url.host)\(request.url.path)"
        let digest = request.headers.first { $0.name == "Content-MD5" }?.revealed
        var body = request.body
        switch kind {
        case .putBlock:
            blocks[name, default: [:]][request.url.queryValue("blockid") ?? ""] = body
        case .putBlockList:
            var whole: [UInt8] = []
            for id in String(decoding: body, as: UTF8.self).components(between: "<Latest>", and: "</Latest>") {
                guard let block = blocks[name]?[id] else { return refusal(400, "InvalidBlockList") }
                whole += block
            }
            body = whole
            fallthrough
        default:
            if blobs[name].map({ $0 != body }) ?? false { complain("the blob \(name) was written again with other bytes") }
            if case .truncatesBlobs? = sabotage, body.count > 40 { body.removeLast(body.count / 3) }
            blobs[name] = body
        }
        return HTTPResponse(status: 201, headers: digest.map { [("Content-MD5", $0)] } ?? [])
    }

    private func queue(_ request: HTTPRequest, _ kind: CallKind) -> HTTPResponse {
        let parts = request.url.path.split(separator: "/").map(String.init)
        let key = "\(request.url.host)/\(parts.first ?? "")"
        switch kind {
        case .putMessage:
            guard let text = String(decoding: request.body, as: UTF8.self).components(between: "<MessageText>", and: "</MessageText>").first
            else { return refusal(400, "InvalidXmlDocument") }
            take(text)
            return HTTPResponse(status: 201, body: Array("<QueueMessagesList/>".utf8))
        case .getMessages:
            return getMessages(key, request)
        case .deleteMessage:
            guard let index = (queues[key] ?? []).firstIndex(where: { $0.id == parts.last }) else { return refusal(404, "MessageNotFound") }
            guard queues[key]?[index].receipt == request.url.queryValue("popreceipt") else { return refusal(400, "PopReceiptMismatch") }
            remove(key, index)
            return HTTPResponse(status: 204)
        default:
            if request.method == .put {
                guard let index = (queues[key] ?? []).firstIndex(where: { $0.id == parts.last }) else {
                    return refusal(404, "MessageNotFound")
                }
                nextID += 1
                let receipt = "receipt\(nextID)"
                queues[key]?[index].receipt = receipt
                queues[key]?[index].visibleAt = loop.monotonicNow
                return HTTPResponse(status: 204, headers: [("x-ms-popreceipt", receipt)])
            }
            return HTTPResponse(status: 200, headers: [("x-ms-approximate-messages-count", "\((queues[key] ?? []).count)")])
        }
    }

    private func remove(_ key: String, _ index: Int) {
        guard let message = queues[key]?.remove(at: index) else { return }
        for notice in notices.indices where notices[notice].messageID == message.id { notices[notice].isDeleted = true }
    }

    private func getMessages(_ key: String, _ request: HTTPRequest) -> HTTPResponse {
        let now = loop.monotonicNow
        let limit = request.url.queryValue("numofmessages").flatMap { Int($0) } ?? 1
        let hidden = Duration.seconds(request.url.queryValue("visibilitytimeout").flatMap { Int($0) } ?? 30)
        var xml = "<?xml version=\"1.0\" encoding=\"utf-8\"?><QueueMessagesList>"
        var found: [String] = []
        // A queue promises no order.
        let indices = (queues[key] ?? []).indices.sorted {
            dice.bits("order", calls[.getMessages, default: 0] &* 64 &+ $0)
                < dice.bits("order", calls[.getMessages, default: 0] &* 64 &+ $1)
        }
        for index in indices where found.count < limit {
            guard var message = queues[key]?[index], message.visibleAt <= now else { continue }
            nextID += 1
            message.receipt = "receipt\(nextID)"
            message.visibleAt = now + hidden
            queues[key]?[index] = message
            found.append(message.id)
            xml +=
                "<QueueMessage><MessageId>\(message.id)</MessageId><PopReceipt>\(message.receipt)</PopReceipt><DequeueCount>1</DequeueCount>"
            xml += "<MessageText>\(message.text)</MessageText></QueueMessage>"
        }
        if case .deletesNotificationsAtOnce? = sabotage {
            for id in found { if let index = queues[key]?.firstIndex(where: { $0.id == id }) { remove(key, index) } }
        }
        return HTTPResponse(status: 200, body: Array((xml + "</QueueMessagesList>").utf8))
    }

    /// Whether notifications about the daemon's files are still to be read.
    ///
    /// What lies in a queue that is lent no more may be lost with the daemon's memory of that queue: nobody waits for it.
    var hasUnreadNotices: Bool {
        let lent = [queueKey(successQueue), queueKey(failureQueue)]
        return notices.contains {
            !$0.isDeleted && lent.contains($0.queue)
                || $0.isStatus && !$0.isHeard && !$0.isOverwritten && $0.status != "Transient" && statuses[$0.source] != nil
        }
    }
}

// MARK: - Ingestor

extension SimulatedCloud {
    /// A message came into an ingestion queue.
    private func take(_ text: String) {
        guard let message = IngestionText(base64: text) else { return complain("a message that cannot be read was posted") }
        posts.append(Post(source: message.id, blob: message.blob, at: loop.monotonicNow))
        trace.add("service takes \(message.id.suffix(6)) as post \(posts.count - 1)")
        let number = takenMessages
        takenMessages += 1
        var delay = dice.between(.milliseconds(200), .seconds(12), "ingest", number)
        if case .late(let more)? = treatments[number] { delay += more }
        pending += 1
        let isSecond = posts.dropLast().contains { $0.source == message.id }
        loop.after(delay) { [self] in
            pending -= 1
            ingest(message, number, isSecond: isSecond)
        }
    }

    private func ingest(_ message: IngestionText, _ number: Int, isSecond: Bool) {
        guard isSigned(message.url) else {
            return report(message, code: "Download_Forbidden", status: "Permanent")
        }
        guard isToken(message.token) else {
            return report(message, code: "BadRequest_InvalidKustoIdentityToken", status: "Permanent")
        }
        guard let blob = blobs[message.blob] else {
            complain("P3: the service found no blob for \(message.id)")
            return report(message, code: "Download_SourceNotFound", status: "Permanent")
        }
        let files = fleet.identify(blob: blob, name: message.blob, rawSize: message.rawSize, complain: complain)
        guard let spool = files.first?.file.drop.spool else {
            return report(message, code: "BadRequest_InvalidBlob", status: "Permanent")
        }
        if files.contains(where: { $0.file.drop.spool != spool }) { complain("P3: files of two routes are in one blob") }
        if let appears = tableAppears[spool], loop.monotonicNow < appears {
            return report(message, code: "BadRequest_TableNotExist", status: "Permanent")
        }
        if isSecond, dice.chance(40, "second", number) {
            return report(message, code: "BlobAlreadyReceived_BlobAlreadyFoundInBatch", status: "Permanent")
        }
        switch treatments[number] {
        case .fails(let code, let status, let retry)?:
            return report(message, code: code, status: status, retry: retry)
        case .transientFirst?:
            report(message, code: "General_InternalServerError", status: "Transient", retry: true)
            pending += 1
            loop.after(dice.between(.seconds(1), .seconds(40), "transient", number)) { [self] in
                pending -= 1
                succeed(message, files)
            }
        case .contradicted(let first, let code, let status)?:
            if first { report(message, code: code, status: status) }
            succeed(message, files)
            if !first { report(message, code: code, status: status) }
        case .twice?:
            succeed(message, files)
            for (file, version) in files {
                ingestions.append(Ingestion(source: message.id, file: file.drop.number, version: version, isRepeat: true))
            }
            report(message, code: nil, status: nil)
        case .late?, nil:
            succeed(message, files)
        }
    }

    private func succeed(_ message: IngestionText, _ files: [(file: SimulatedFile, version: Int)]) {
        for (file, version) in files {
            if case .claimsSuccess? = sabotage {
            } else {
                ingestions.append(Ingestion(source: message.id, file: file.drop.number, version: version, isRepeat: false))
            }
            trace.add("service ingests \(message.id.suffix(6)): file \(file.drop.number) version \(version)")
        }
        report(message, code: nil, status: nil)
    }

    /// Puts a notification into its queue, when its time comes.
    private func report(_ message: IngestionText, code: String?, status: String?, retry: Bool = false) {
        if code == nil, message.reportLevel != 2 { return }
        if message.reportLevel == 1 { return }
        let number = putNotices
        putNotices += 1
        var delay = dice.between(.milliseconds(50), .seconds(5), "notice", number)
        switch deliveries[number] {
        case .lost?: return trace.add("notice \(number) about \(message.id.suffix(6)) is lost")
        case .delayed(let more)?: delay += more
        case .duplicated(let more)?: if message.reportsToQueue { put(message, code, status, retry, after: delay + more, number) }
        case nil: break
        }
        if message.reportsToQueue { put(message, code, status, retry, after: delay, number) }
        if let key = message.statusKey { write(key, message, code, status, retry, after: delay) }
    }

    private func put(_ message: IngestionText, _ code: String?, _ status: String?, _ retry: Bool, after delay: Duration, _ number: Int) {
        pending += 1
        loop.after(delay) { [self] in
            pending -= 1
            var fields = [
                #""OperationId":"\#(newID())""#, #""Database":"Sim""#, #""Table":"\#(message.table)""#,
                #""IngestionSourceId":"\#(message.id)""#,
                #""IngestionSourcePath":"https://\#(message.blob)""#, #""RootActivityId":"\#(newID())""#,
            ]
            if let code, let status {
                let details = "It failed; see https://sim0.blob.core.windows.net/x?sv=1&sig=\(Secrets.signature)"
                fields.append(#""FailedOn":"\#(loop.wallNow)","ErrorCode":"\#(code)","FailureStatus":"\#(status)","Details":"\#(details)""#)
                fields.append(#""OriginatesFromUpdatePolicy":false,"ShouldRetry":\#(retry)"#)
            } else {
                fields.append(#""SucceededOn":"\#(loop.wallNow)""#)
            }
            let queue = queueKey(code == nil ? successQueue : failureQueue)
            let id = enqueue("{\(fields.joined(separator: ","))}", queue, source: message.id)
            notices.append(Notice(source: message.id, code: code, status: status, at: loop.monotonicNow, messageID: id, queue: queue))
            trace.add("notice \(number) about \(message.id.suffix(6)): \(code ?? "success")")
        }
    }

    private func enqueue(_ text: String, _ queue: String, source: String?) -> String {
        let id = newID()
        queues[queue, default: []].append(
            Message(id: id, text: base64(Array(text.utf8)), visibleAt: loop.monotonicNow, receipt: "", source: source))
        return id
    }

    /// Fills in the entity that the client has inserted. A success stays, whatever comes after it.
    private func write(_ key: String, _ message: IngestionText, _ code: String?, _ status: String?, _ retry: Bool, after delay: Duration) {
        pending += 1
        loop.after(delay) { [self] in
            pending -= 1
            guard let entity = statuses[key] else { return trace.add("no status of \(message.id.suffix(6)) any more") }
            if entity.contains(where: { $0.name == "Status" && $0.value == "Succeeded" }) { return }
            var written = entity.filter { !["Status", "ErrorCode", "FailureStatus", "Details", "ShouldRetry"].contains($0.name) }
            written.append(("Status", code == nil ? "Succeeded" : status == "Transient" ? "Pending" : "Failed"))
            if let code, let status {
                written += [("ErrorCode", code), ("FailureStatus", status), ("Details", "It failed; sig=\(Secrets.signature)")]
                written.append(("ShouldRetry", "\(retry)"))
            }
            statuses[key] = written
            for index in notices.indices where notices[index].isStatus && notices[index].source == message.id {
                notices[index].isOverwritten = true
            }
            notices.append(
                Notice(
                    source: message.id, code: code, status: status, at: loop.monotonicNow, isDeleted: false, messageID: "", queue: "",
                    isStatus: true))
            trace.add("status of \(message.id.suffix(6)): \(code ?? "success")")
        }
    }

    func putForeign(_ foreign: Foreign, prefix: String?) {
        let text =
            switch foreign {
            case .notification: #"{"OperationId":"\#(newID())","IngestionSourceId":"\#(newID())","SucceededOn":"2033-01-01T00:00:00Z"}"#
            case .garbage: "no notification at all"
            case .unknownRow: #"{"IngestionSourceId":"\#(prefix ?? newID())","SucceededOn":"2033-01-01T00:00:00Z"}"#
            case .secret:
                #"{"IngestionSourceId":"\#(newID())","IngestionSourcePath":"https://a.b/c?sv=1&sig=\#(Secrets.signature)x","FailedOn":"2033-01-01"}"#
            }
        _ = enqueue(text, queueKey(successQueue), source: nil)
    }
}
