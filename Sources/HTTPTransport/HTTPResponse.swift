package import SpoolPrimitives

/// A whole response.
package struct HTTPResponse: Sendable {
    package var status: Int
    /// Of the final response only (not of a `100 Continue`).
    package var headers: HTTPFields
    package var body: [UInt8]
    package var timing: HTTPTiming

    package init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = [], timing: HTTPTiming = HTTPTiming()) {
        self.init(status: status, fields: HTTPFields(headers), body: body, timing: timing)
    }

    package init(status: Int, fields: HTTPFields, body: [UInt8], timing: HTTPTiming) {
        self.status = status
        headers = fields
        self.body = body
        self.timing = timing
    }

    /// The first header of that name, compared without regard to case.
    package func header(_ name: String) -> String? { headers[name] }

    /// The server's clock, from its Date header: what expiry is judged by.
    package var serverDate: Timestamp? { header("Date").flatMap(Timestamp.init(httpDate:)) }
}

/// When each phase of a request ended, counted from its start. Zero where a phase did not happen.
package struct HTTPTiming: Sendable {
    package var nameResolved: Duration = .zero
    package var connected: Duration = .zero
    package var tlsEstablished: Duration = .zero
    package var firstByte: Duration = .zero
    package var total: Duration = .zero
    /// Whether the request went over a connection that an earlier one had opened.
    package var reusedConnection = false

    package init() {}
}

extension String {
    /// Header names are ASCII, and their case means nothing. Bytes are compared in place: this runs several times for every file.
    package func isSameHeaderName(as other: String) -> Bool {
        let (mine, others) = (utf8, other.utf8)
        return mine.count == others.count && zip(mine, others).allSatisfy { $0 == $1 || $0.lowercase == $1.lowercase }
    }
}
