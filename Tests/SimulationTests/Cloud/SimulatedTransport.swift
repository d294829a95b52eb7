import HTTPTransport
import SpoolPrimitives

/// The wire of one incarnation of the engine: it dies with it.
final class SimulatedTransport: HTTPTransport, @unchecked Sendable {  // used on the loop's thread alone
    private final class Call: @unchecked Sendable {
        let request: HTTPRequest
        let kind: CallKind
        var continuation: UnsafeContinuation<Result<HTTPResponse, HTTPTransportError>, Never>?
        var number = 0
        var hasArrived = false

        init(_ request: HTTPRequest, _ kind: CallKind) {
            self.request = request
            self.kind = kind
        }

        func end(_ result: Result<HTTPResponse, HTTPTransportError>) {
            continuation?.resume(returning: result)
            continuation = nil
        }
    }

    private let cloud: SimulatedCloud
    private var open: [Call] = []
    private var isDead = false
    /// Of a hundred requests that are on their way at the end, how many arrive.
    private var arrivals = 100

    init(_ cloud: SimulatedCloud) { self.cloud = cloud }

    /// The process is gone: nobody hears answers, and what had been sent may still arrive.
    func die(arrivals: Int) {
        isDead = true
        self.arrivals = arrivals
        let calls = open
        open = []
        for call in calls { call.end(.failure(error(call, .cancelled, .perhaps, "cancelled"))) }
    }

    func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
        let call = Call(request, Self.kind(of: request))
        if isDead || Task.isCancelled { throw error(call, .cancelled, .surelyNot, "cancelled") }
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                call.continuation = continuation
                // The crash may have come since the look above.
                if isDead || Task.isCancelled { return call.end(.failure(self.error(call, .cancelled, .surelyNot, "cancelled"))) }
                open.append(call)
                begin(call)
            }
        } onCancel: {
            call.end(.failure(self.error(call, .cancelled, .perhaps, "cancelled")))
        }
        open.removeAll { $0 === call }
        return try result.get()
    }

    private static func kind(of request: HTTPRequest) -> CallKind {
        let url = request.url
        if url.path.hasSuffix("/v1/rest/mgmt") {
            return String(decoding: request.body, as: UTF8.self).contains("ingestion resources") ? .resources : .token
        }
        if url.host.contains(".blob.") {
            switch url.queryValue("comp") {
            case "block": return .putBlock
            case "blocklist": return .putBlockList
            default: return .putBlob
            }
        }
        if url.host.contains(".table.") {
            switch request.method {
            case .post: return .insertStatus
            case .delete: return .deleteStatus
            case .get, .head, .put: return .queryStatuses
            }
        }
        switch request.method {
        case .post: return .putMessage
        case .delete: return .deleteMessage
        case .get: return url.path.hasSuffix("/messages") ? .getMessages : .other
        case .put, .head: return .other
        }
    }

    private func begin(_ call: Call) {
        let (number, fault) = cloud.fault(of: call.kind)
        call.number = number
        let loop = cloud.loop
        let way = cloud.dice.chance(8, "slow \(call.kind.rawValue)", number) ? Duration.seconds(4) : .milliseconds(30)
        let there = cloud.dice.between(.milliseconds(1), way, "there \(call.kind.rawValue)", number)
        let back = cloud.dice.between(.milliseconds(1), way, "back \(call.kind.rawValue)", number)
        if (call.kind != .getMessages && call.kind != .queryStatuses) || fault != nil {
            cloud.trace.add("\(call.kind.rawValue) \(number)\(fault.map { " fault \($0)" } ?? "")")
        }
        switch fault {
        case nil:
            loop.after(there) { [self] in
                let reply = serve(call)
                let found = call.kind == .queryStatuses ? cloud.lastFound : []
                loop.after(back) { [self] in
                    if !isDead { cloud.heard(found) }
                    call.end(.success(reply))
                }
            }
        case .refused?:
            loop.after(there) { [self] in call.end(.failure(error(call, .connectionFailed, .surelyNot, "connection refused"))) }
        case .lostBefore?:
            loop.after(there) { [self] in call.end(.failure(error(call, .connectionLost, .perhaps, "connection reset"))) }
        case .lostAfter?:
            loop.after(there) { [self] in
                _ = serve(call)
                loop.after(back) { [self] in call.end(.failure(error(call, .connectionLost, lostProcessing, "connection reset"))) }
            }
        case .silent(let served)?:
            loop.after(there) { [self] in if served { _ = serve(call) } }
            loop.after(call.request.limits.total) { [self] in call.end(.failure(error(call, .timedOut, .perhaps, "timed out"))) }
        case .status(let status, let code, let retryAfter, let served)?:
            loop.after(there) { [self] in
                if served { _ = serve(call) }
                var headers: [(name: String, value: String)] = []
                if let code { headers.append(("x-ms-error-code", code)) }
                if let retryAfter { headers.append(("Retry-After", "\(retryAfter)")) }
                loop.after(back) { call.end(.success(HTTPResponse(status: status, headers: headers))) }
            }
        case .html?:
            loop.after(there) { [self] in
                var reply = serve(call)
                reply.body = Array("<html><body>Please log in. sig=\(Secrets.signature)</body></html>".utf8)
                // A page in the way answers 200 to whatever was asked.
                reply.status = 200
                reply.headers = HTTPFields()
                loop.after(back) { call.end(.success(reply)) }
            }
        case .cut?:
            loop.after(there) { [self] in
                var reply = serve(call)
                reply.body = Array(reply.body.prefix(reply.body.count / 2))
                loop.after(back) { call.end(.success(reply)) }
            }
        }
    }

    private var lostProcessing: HTTPTransportError.Processing {
        if case .deniesPosts? = cloud.sabotage { .surelyNot } else { .perhaps }
    }

    /// The request arrives.
    private func serve(_ call: Call) -> HTTPResponse {
        if isDead, !cloud.dice.chance(arrivals, "arrives \(call.kind.rawValue)", call.number) {
            cloud.trace.add("\(call.kind.rawValue) \(call.number) is lost with its sender")
            return HTTPResponse(status: 0)
        }
        switch call.kind {
        case .resources, .token: return cloud.management(call.request)
        case .putBlob where cloud.losesBlob(call.number): return HTTPResponse(status: 201)
        case .putMessage where cloud.doublesPost(call.number):
            _ = cloud.storage(call.request, call.kind)
            return cloud.storage(call.request, call.kind)
        default: return cloud.storage(call.request, call.kind)
        }
    }

    private func error(
        _ call: Call, _ reason: HTTPTransportError.Reason, _ processing: HTTPTransportError.Processing, _ detail: String
    ) -> HTTPTransportError {
        var detail = detail
        if case .leaksSignature? = cloud.sabotage { detail += " at \(call.request.url.revealed)" }
        return HTTPTransportError(
            reason: reason, processing: processing, operation: "\(call.request.method.rawValue) \(call.request.url.withoutQuery)",
            detail: detail)
    }
}

extension SimulatedCloud {
    fileprivate func losesBlob(_ number: Int) -> Bool {
        if case .losesUploads? = sabotage { number == 0 } else { false }
    }

    fileprivate func doublesPost(_ number: Int) -> Bool {
        if case .postsTwice? = sabotage { number == 0 } else { false }
    }
}
