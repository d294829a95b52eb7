/// A request as a scripted server read it.
package struct RecordedRequest: Sendable {
    /// Counted from 0 in order of arrival.
    package var connection: Int
    /// As it was sent.
    package var method: String
    /// Path and query as they were sent.
    package var target: String
    /// In the order received.
    package var headers: [(name: String, value: String)]
    /// Empty where only the head was read.
    package var body: [UInt8]

    init(connection: Int, head: String, body: [UInt8]) {
        self.connection = connection
        self.body = body
        // Not on "\n": to Swift, a carriage return and a line feed are one character.
        var lines = head.split(omittingEmptySubsequences: true) { $0.isNewline }[...]
        let words = (lines.popFirst() ?? "").split(separator: " ")
        method = words.first.map(String.init) ?? ""
        target = words.dropFirst().first.map(String.init) ?? ""
        headers = lines.map { line in
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "")
        }
    }

    /// The first header of that name, whatever its case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}
