import EntraAuth
import HTTPTransport
import SpoolPrimitives
import SpoolTestSupport

/// A provider whose answers a test hands over one by one, and that counts the questions.
actor ScriptedProvider: TokenProvider {
    enum Answer: Sendable {
        case token(AccessToken)
        case failure(AuthError)
        /// Waits until the test opens the gate, then answers with the next one.
        case hold(Signal)
    }

    private(set) var calls = 0
    private var answers: [Answer]
    let asked = Signal()

    init(_ answers: [Answer]) { self.answers = answers }

    func add(_ answer: Answer) { answers.append(answer) }

    func token(for audience: TokenAudience) async throws(AuthError) -> AccessToken {
        calls += 1
        asked.raise()
        while true {
            guard !answers.isEmpty else { throw .test("nothing left to answer") }
            switch answers.removeFirst() {
            case .token(let token): return token
            case .failure(let error): throw error
            case .hold(let gate):
                await gate.wait()
                if Task.isCancelled { throw .testCancelled }
            }
        }
    }
}

extension AuthError {
    static func test(_ detail: String) -> AuthError {
        AuthError(
            transport: HTTPTransportError(
                reason: .connectionFailed, processing: .surelyNot, operation: "POST https://login", detail: detail))
    }

    static let testCancelled = AuthError(
        transport: HTTPTransportError(reason: .cancelled, processing: .surelyNot, operation: "POST https://login", detail: "cancelled"))
}

extension TokenAudience {
    static func test(_ resource: String = "https://kusto.kusto.windows.net") throws -> TokenAudience {
        guard let login = SecretURL("https://login.microsoftonline.com") else { throw TestSupportError("no URL") }
        return TokenAudience(loginEndpoint: login, resource: resource)
    }
}
