package import SpoolPrimitives

/// One table of a reply.
package struct ManagementTable: Sendable, Hashable {
    package var name: String
    /// Column names in order; empty text where the reply gave none.
    package var columns: [String]
    /// Each row has its cells in the order of the columns, or fewer.
    package var rows: [[JSONValue]]

    package init(name: String, columns: [String], rows: [[JSONValue]]) {
        self.name = name
        self.columns = columns
        self.rows = rows
    }

    /// Every row's cell of a column.
    ///
    /// - Parameters:
    ///   - name: compared without regard to case.
    ///   - index: of the column where no column bears the name, as one SDK reads by position and the others by name (§1.4).
    /// - Returns: nil where there is no such column; a short row gives ``JSONValue/null``.
    package func cells(_ name: String, orAt index: Int? = nil) -> [JSONValue]? {
        let wanted = name.lowercased()
        let position = columns.firstIndex { $0.lowercased() == wanted } ?? index
        guard let position, position < columns.count || rows.contains(where: { position < $0.count }) else {
            return position != nil && rows.isEmpty ? [] : nil
        }
        return rows.map { position < $0.count ? $0[position] : .null }
    }
}
