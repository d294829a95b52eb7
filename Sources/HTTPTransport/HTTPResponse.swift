package import SpoolPrimitives

/// A whole response.
package struct HTTPResponse: Sendable {
    package var status: Int
    /// In the order received, of the final response only (not of a `100 Continue`).
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    package var timing: HTTPTiming

    package init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = [], timing: HTTPTiming = HTTPTiming()) {
        self.status = status
        self.headers = headers
        self.body = body
        self.timing = timing
    }

    /// The first header of that name, compared without regard to case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.count == name.count && $0.name.lowercased() == name.lowercased() }?.value
    }

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
