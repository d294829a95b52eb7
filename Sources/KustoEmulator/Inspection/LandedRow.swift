/// A row that has landed in a table.
package struct LandedRow: Sendable, Hashable {
    /// The `Id` of the message that brought it.
    package let sourceID: String
    /// The table's columns in order.
    package let columns: [TableDefinition.Column]
    /// The values in the same order; nil is null.
    package let cells: [Cell?]

    /// The value of a column as text; nil for null and for a column that there is not.
    package subscript(column: String) -> String? {
        guard let index = columns.firstIndex(where: { $0.name == column }) else { return nil }
        return cells[index]?.text
    }

    /// All values as text, nil for null.
    package var texts: [String?] { cells.map { $0?.text } }
}
