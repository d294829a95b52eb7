import AzureStorage
import HTTPTransport
import SpoolPrimitives

/// A transport that gives one outcome, for what a socket adds nothing to: the reading of replies.
struct ScriptedTransport: HTTPTransport {
    let outcome: Result<HTTPResponse, HTTPTransportError>
    private let sent = Lock<[HTTPRequest]>([])

    init(_ response: HTTPResponse) { outcome = .success(response) }

    init(_ status: Int, _ headers: [(name: String, value: String)] = [], _ body: String = "") {
        self.init(HTTPResponse(status: status, headers: headers, body: Array(body.utf8)))
    }

    init(failing error: HTTPTransportError) { outcome = .failure(error) }

    var requests: [HTTPRequest] { sent.withLock { $0 } }

    func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
        sent.withLock { $0.append(request) }
        return try outcome.get()
    }
}

extension HTTPRequest {
    /// A header's value, where it is no secret.
    func header(_ name: String) -> String? {
        for header in headers where header.name.lowercased() == name.lowercased() {
            if case .plain(let text) = header.value { return text }
        }
        return nil
    }
}
