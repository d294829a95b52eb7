import HTTPTransport
import SpoolPrimitives

/// Answers requests from a list, and remembers them.
final class ScriptedTransport: HTTPTransport {
    typealias Answer = Result<HTTPResponse, HTTPTransportError>

    private let state: Lock<(answers: [Answer], requests: [HTTPRequest])>

    /// - Parameter answers: the last one is repeated for ever.
    init(_ answers: [Answer]) { state = Lock((answers, [])) }

    convenience init(_ responses: HTTPResponse...) {
        self.init(responses.map { .success($0) })
    }

    var requests: [HTTPRequest] { state.withLock { $0.requests } }

    func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
        let answer = state.withLock { state in
            state.requests.append(request)
            return state.answers.count > 1 ? state.answers.removeFirst() : state.answers[0]
        }
        return try answer.get()
    }
}

extension HTTPResponse {
    init(_ status: Int, _ body: String = "", headers: [(name: String, value: String)] = []) {
        self.init(status: status, headers: headers, body: Array(body.utf8))
    }
}

extension HTTPRequest {
    var bodyText: String { String(decoding: body, as: UTF8.self) }

    func header(_ name: String) -> String? {
        headers.first { $0.name == name }.map { header in
            switch header.value {
            case .plain(let text): text
            case .secret(let secret): secret.revealed
            }
        }
    }
}
