/// What a query asks for (`$filter`), in the few words of OData that are needed.
package struct TableFilter: Sendable, Hashable {
    /// As the service reads it, not percent-encoded.
    package let text: String

    private init(_ text: String) { self.text = text }

    /// Every entity whose partition is in the range: the only kind of range that the service finds by its index over several partitions.
    package static func partitions(_ range: ClosedRange<String>) -> TableFilter {
        TableFilter("PartitionKey ge \(literal(range.lowerBound)) and PartitionKey le \(literal(range.upperBound))")
    }

    /// Of these, the ones whose property is not that text; looked at one by one by the service, and not sent.
    package func and(_ property: String, isNot text: String) -> TableFilter {
        TableFilter("\(self.text) and \(property) ne \(Self.literal(text))")
    }

    private static func literal(_ text: String) -> String { "'\(doublingQuotes(text))'" }

    static func doublingQuotes(_ text: String) -> String {
        text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
    }
}
