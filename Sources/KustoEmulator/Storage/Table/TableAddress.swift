/// The table of a request's path, and the entity where it names one: `T`, `T()`, `T(PartitionKey='p',RowKey='r')`.
struct TableAddress: Sendable {
    let account: String
    let table: String
    let key: TableEntity.Key?
    /// Whether the part in brackets could be read.
    let isWellFormed: Bool

    init(account: String, segment: String) {
        self.account = account
        guard segment.hasSuffix(")"), let bracket = segment.firstIndex(of: "(") else {
            (table, key, isWellFormed) = (segment, nil, true)
            return
        }
        table = String(segment[..<bracket])
        let inside = segment[segment.index(after: bracket)...].dropLast()
        key = Self.key(inside)
        isWellFormed = inside.isEmpty || key != nil
    }

    /// Two keys in either order, in single quotes, in which two of them stand for one.
    private static func key(_ text: Substring) -> TableEntity.Key? {
        var rest = text
        var values: [Substring: String] = [:]
        while let equal = rest.firstIndex(of: "=") {
            let name = rest[..<equal]
            rest = rest[equal...].dropFirst()
            guard rest.popFirst() == "'" else { return nil }
            var value = ""
            while let character = rest.popFirst() {
                if character == "'", rest.first != "'" {
                    values[name] = value
                    break
                }
                if character == "'" { rest.removeFirst() }
                value.append(character)
            }
            guard values[name] != nil else { return nil }
            if rest.first == "," { rest.removeFirst() }
        }
        guard rest.isEmpty, values.count == 2, let partition = values["PartitionKey"], let row = values["RowKey"] else { return nil }
        return TableEntity.Key(partition: partition, row: row)
    }
}
