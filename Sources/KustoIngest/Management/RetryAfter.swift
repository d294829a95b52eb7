import HTTPTransport
import SpoolPrimitives

/// The header by which a server says when to come back (RFC 9110 §10.2.3).
enum RetryAfter {
    /// In seconds, or as a date by the server's own clock. Nil where it is absent, past or malformed.
    static func delay(of response: HTTPResponse) -> Duration? {
        guard let text = response.header("Retry-After")?.trimmed else { return nil }
        if let seconds = Int32(text) { return seconds >= 0 ? .seconds(seconds) : nil }
        guard let date = Timestamp(httpDate: text), let now = response.serverDate, date > now else { return nil }
        return date - now
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
