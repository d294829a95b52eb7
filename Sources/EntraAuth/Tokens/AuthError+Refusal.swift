import FoundationEssentials
import HTTPTransport
import SpoolPrimitives

extension AuthError {
    /// Reads an OAuth error reply (RFC 6749 §5.2, with Entra's additions; reference: kusto-queued-ingestion §8.8).
    init(operation: String, refusal response: HTTPResponse, secrets: [Secret]) {
        self.init(operation: operation, .refused(status: response.status))
        if let seconds = response.header("Retry-After").flatMap({ Int64($0) }), (0...86_400).contains(seconds) {
            retryAfter = .seconds(seconds)
        }
        guard let reply = Reply(response.body) else { return }
        code = reply.error.flatMap(Self.word)
        message = reply.errorDescription.flatMap { Self.firstLine($0, without: secrets) }
        aadsts = reply.errorCodes?.first?.value.map { Int($0) } ?? message.flatMap { Self.number(in: $0) }
        correlationID = reply.correlationID.flatMap(Self.word)
    }

    private struct Reply: Decodable {
        let error: String?
        let errorDescription: String?
        let errorCodes: [LooseInteger]?
        let correlationID: String?

        private enum CodingKeys: String, CodingKey {
            case error
            case errorDescription = "error_description"
            case errorCodes = "error_codes"
            case correlationID = "correlation_id"
        }

        init?(_ body: [UInt8]) {
            do {
                self = try JSONDecoder().decode(Reply.self, from: Data(body))
            } catch {
                return nil
            }
        }
    }

    /// Nil for what is no code or id, so that nothing else gets into a log by this way.
    private static func word(_ text: String) -> String? {
        let isWord =
            (1...64).contains(text.utf8.count) && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
        return isWord ? text : nil
    }

    private static func firstLine(_ text: String, without secrets: [Secret]) -> String? {
        let line = String(text.prefix { !$0.isNewline }.prefix(300))
        // A secret could have been cut by the bound: its beginning is as bad.
        let isQuoted = secrets.contains { !$0.revealed.isEmpty && text.contains($0.revealed) }
        return line.isEmpty || isQuoted ? nil : line
    }

    /// The digits behind `AADSTS` at the beginning.
    private static func number(in message: String) -> Int? {
        guard message.hasPrefix("AADSTS") else { return nil }
        return Int(message.dropFirst(6).prefix { $0.isASCII && $0.isNumber })
    }
}
