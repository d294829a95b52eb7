import AzureStorage
import HTTPTransport
import OpenSSLCrypto
import SpoolPrimitives
import Testing

@Suite struct StorageErrorTests {
    private static let queueURL = "https://acct.queue.core.windows.net/q?sv=2018-03-28&sp=a&sig=aB%2B/c%3D"

    private func failure(of transport: ScriptedTransport) async throws -> StorageError {
        let queue = try #require(SecretURL(Self.queueURL))
        do throws(StorageError) {
            _ = try await QueueClient(transport).putMessage(queue: queue, text: "eA==")
        } catch {
            return error
        }
        throw Unexpected()
    }

    private struct Unexpected: Error {}

    /// As Azure writes it: a byte order mark, the request's id in the message, the signed string in the detail.
    private static func document(_ code: String, _ message: String, detail: String = "") -> String {
        "\u{FEFF}<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>\(code)</Code><Message>\(message)\nRequestId:r-1\nTime:2026-01-02T03:04:05Z</Message>\(detail)</Error>"
    }

    @Test("a refusal keeps code, first line, times and ids, and says where it was")
    func refusal() async throws {
        let error = try await failure(
            of: ScriptedTransport(
                503,
                [
                    ("x-ms-error-code", "ServerBusy"), ("Retry-After", "12"), ("Date", "Sun, 06 Nov 1994 08:49:37 GMT"),
                    ("x-ms-request-id", "r-1"),
                ], Self.document("ServerBusy", "Operations per second is over the account limit.")))
        #expect(error.operation == "POST https://acct.queue.core.windows.net/q/messages")
        #expect(error.status == 503)
        #expect(error.code == .serverBusy)
        #expect(error.message == "Operations per second is over the account limit.")
        #expect(error.retryAfter == .seconds(12))
        #expect(error.serverDate == Timestamp(seconds: 784_111_777))
        #expect(error.requestID == "r-1")
        #expect(error.processing == .surelyNot)
        #expect(
            error.description
                == "POST https://acct.queue.core.windows.net/q/messages: status 503 ServerBusy: Operations per second is over the account limit. (request r-1)"
        )
    }

    @Test(
        "the code is found in the header, else in the body, and is never something else",
        arguments: [
            ("ServerBusy", Self.document("InternalError", "m"), "ServerBusy"), (nil, Self.document("InternalError", "m"), "InternalError"),
            (nil, "<html><Code>ServerBusy</Code></html>", nil), (nil, "", nil), (nil, "<Error><Code>", nil),
            (nil, Self.document("a code with sig=x", "m"), nil), ("sig=aB%2B", "", nil),
        ] as [(String?, String, String?)])
    func codes(header: String?, body: String, code: String?) async throws {
        let headers = header.map { [(name: "X-MS-Error-Code", value: $0)] } ?? []
        let error = try await failure(of: ScriptedTransport(403, headers, body))
        #expect(error.code?.rawValue == code)
    }

    @Test(
        "what Azure says about a signature is understood and not kept",
        arguments: [
            (
                "Signature not valid in the specified time frame: Start [a] - Expiry [b] - Current [c]",
                StorageError.AuthenticationFault.outsideItsTime,
                "clock"
            ),
            ("Signature did not match. String to sign used was rw sig=aB%2B", .signatureMismatch, "changed on its way"),
            ("Signature fields not well formed.", .malformed, "encoded twice"),
        ])
    func authentication(detail: String, fault: StorageError.AuthenticationFault, hint: String) async throws {
        let body = Self.document(
            "AuthenticationFailed", "Server failed to authenticate the request.",
            detail: "<AuthenticationErrorDetail>\(detail)</AuthenticationErrorDetail>")
        let error = try await failure(of: ScriptedTransport(403, [("Date", "Sun, 06 Nov 1994 08:49:37 GMT")], body))
        #expect(error.code == .authenticationFailed)
        #expect(error.authenticationFault == fault)
        #expect(error.description.contains(hint))
        #expect(body.contains(detail))
        #expect(!Self.everything(error).contains(detail))
    }

    @Test("no signature gets into an error, wherever the service quotes one")
    func noSignature() async throws {
        let signature = "sig=aB%2B/c%3D"
        let body = Self.document(
            "InvalidQueryParameterValue", "Value for \(signature) is wrong",
            detail:
                "<QueryParameterName>sig</QueryParameterName><QueryParameterValue>\(signature)</QueryParameterValue><AuthenticationErrorDetail>\(signature)</AuthenticationErrorDetail>"
        )
        let transports = [
            ScriptedTransport(400, [("x-ms-error-code", "InvalidQueryParameterValue")], body), ScriptedTransport(400, [], body),
            ScriptedTransport(500, [("x-ms-error-code", signature)], signature), ScriptedTransport(200, [], body),
            ScriptedTransport(
                failing: HTTPTransportError(
                    reason: .timedOut, processing: .perhaps, operation: "POST https://acct/q/messages", detail: "timed out")),
        ]
        for transport in transports {
            let error = try await failure(of: transport)
            #expect(transport.requests.first?.url.revealed.contains(signature) == true)
            #expect(body.contains(signature))
            #expect(!Self.everything(error).contains("sig="))
        }
    }

    private static func everything(_ error: StorageError) -> String {
        var text = "\(error)"
        dump(error, to: &text)
        return text
    }

    @Test(
        "what a status says about the effect (the project's protocol, §3 step 5)",
        arguments: [
            (400, nil, HTTPTransportError.Processing.surelyNot), (403, nil, .surelyNot), (404, nil, .surelyNot), (409, nil, .surelyNot),
            (413, nil, .surelyNot), (429, nil, .surelyNot), (307, nil, .surelyNot), (408, nil, .perhaps), (500, "InternalError", .perhaps),
            (500, "OperationTimedOut", .perhaps), (502, nil, .perhaps), (503, "ServerBusy", .surelyNot), (503, nil, .perhaps),
            (504, nil, .perhaps),
            (200, nil, .perhaps),
        ] as [(Int, String?, HTTPTransportError.Processing)])
    func processing(status: Int, code: String?, expected: HTTPTransportError.Processing) async throws {
        let headers = code.map { [(name: "x-ms-error-code", value: $0)] } ?? []
        #expect(try await failure(of: ScriptedTransport(status, headers)).processing == expected)
    }

    @Test(
        "the transport's word on the effect is passed on",
        arguments: [HTTPTransportError.Processing.surelyNot, .perhaps, .surely(status: 201)])
    func transportProcessing(processing: HTTPTransportError.Processing) async throws {
        let cause = HTTPTransportError(
            reason: .connectionLost, processing: processing, operation: "POST https://acct/q/messages", detail: "gone")
        let error = try await failure(of: ScriptedTransport(failing: cause))
        #expect(error.processing == processing)
        #expect(error.cause == .transport(.connectionLost, "gone"))
        #expect(error.description == "POST https://acct/q/messages: gone")
    }

    @Test(
        "Retry-After is read as seconds and as a date by the server's clock",
        arguments: [
            ("0", Duration.seconds(0)), ("3600", .seconds(3600)), ("Sun, 06 Nov 1994 08:50:37 GMT", .seconds(60)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", .zero), ("99999999", .seconds(86_400)), ("-1", nil), ("soon", nil),
        ] as [(String, Duration?)])
    func retryAfter(text: String, expected: Duration?) async throws {
        let error = try await failure(of: ScriptedTransport(503, [("Retry-After", text), ("Date", "Sun, 06 Nov 1994 08:49:37 GMT")]))
        #expect(error.retryAfter == expected)
    }

    @Test(
        "where an operator can act, the error says how",
        arguments: [
            ("AuthorizationFailure", "firewall"), ("AuthorizationPermissionMismatch", "lacks the right"),
            ("AuthorizationProtocolMismatch", "https"),
            ("AuthorizationSourceIPMismatch", "source address"), ("NoAuthenticationInformation", "lost"), ("AccountIsDisabled", "disabled"),
        ])
    func hints(code: String, words: String) async throws {
        #expect(try await failure(of: ScriptedTransport(403, [("x-ms-error-code", code)])).description.contains(words))
    }
}
