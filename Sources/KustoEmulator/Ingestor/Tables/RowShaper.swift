/// Turns records into rows of a table: by mapping, by ordinal, or by property name.
struct RowShaper: Sendable {
    /// The rows and the columns that they fill. The columns may be more than the table has yet.
    struct Shaped: Sendable {
        let columns: [TableDefinition.Column]
        let rows: [[Cell?]]
    }

    let existing: [TableDefinition.Column]
    /// Whether the table was declared: then records do not widen it, only typed mappings do.
    let isDeclared: Bool
    let sourcePath: String

    func shape(_ records: Records, _ mapping: [ColumnMapping]?) throws(IngestionFailure) -> Shaped {
        switch records {
        case .opaque: return Shaped(columns: [], rows: [[]])
        case .fields(let fields):
            guard let mapping else { return byOrdinal(fields) }
            let columns = try mappedColumns(mapping)
            let rows = fields.enumerated().map { line, record in
                zip(mapping, columns).map {
                    cell($0, $1.type, line) {
                        $0 < record.count ? .string(record[$0]) : nil
                    } json: { _ in
                        nil
                    }
                }
            }
            return Shaped(columns: columns, rows: rows)
        case .objects(let objects):
            guard let mapping else { return byName(objects) }
            let columns = try mappedColumns(mapping)
            let rows = objects.enumerated().map { line, object in
                zip(mapping, columns).map {
                    cell($0, $1.type, line) { _ in
                        nil
                    } json: {
                        $0.value(in: object)
                    }
                }
            }
            return Shaped(columns: columns, rows: rows)
        }
    }

    private func byOrdinal(_ records: [[String]]) -> Shaped {
        let width = records.map(\.count).max() ?? 0
        var columns = Array(existing.prefix(width))
        if !isDeclared { while columns.count < width { columns.append(TableDefinition.Column("Column\(columns.count + 1)")) } }
        return Shaped(columns: columns, rows: records.map { record in zip(columns, record).map { $0.type.convert($1) } })
    }

    private func byName(_ objects: [JSON]) -> Shaped {
        var columns = existing
        var indexes = Dictionary(existing.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        if !isDeclared {
            for member in objects.lazy.flatMap({ $0.members ?? [] }) where indexes[member.name] == nil && !member.value.isNull {
                indexes[member.name] = columns.count
                columns.append(TableDefinition.Column(member.name, .of(member.value)))
            }
        }
        let rows = objects.map { object in
            var row = [Cell?](repeating: nil, count: columns.count)
            for member in object.members ?? [] {
                if let index = indexes[member.name] { row[index] = columns[index].type.convert(member.value) }
            }
            return row
        }
        return Shaped(columns: columns, rows: rows)
    }

    private func mappedColumns(_ mapping: [ColumnMapping]) throws(IngestionFailure) -> [TableDefinition.Column] {
        var columns: [TableDefinition.Column] = []
        for element in mapping {
            if let known = existing.first(where: { $0.name == element.column }) {
                columns.append(known)
            } else if element.type == nil, isDeclared {
                throw IngestionFailure(
                    "BadRequest_InconsistentMapping",
                    "The mapping names column \(element.column), which the table lacks, and gives it no type.")
            } else {
                columns.append(TableDefinition.Column(element.column, element.type ?? .string))
            }
        }
        return columns
    }

    private func cell(
        _ mapping: ColumnMapping, _ type: ColumnType, _ line: Int, field: (Int) -> JSON?, json: (JSONPath) -> JSON?
    ) -> Cell? {
        switch mapping.source {
        case .constant(let text): return type.convert(text)
        case .sourceLocation: return type.convert(sourcePath)
        case .sourceLineNumber: return type.convert(String(line + 1))
        case .ordinal(let ordinal): return field(ordinal).flatMap { type.convert($0) }
        case .path(let path): return json(path).flatMap { type.convert($0) }
        case .unixTime(let path, let units):
            guard let number = json(path)?.integer else { return nil }
            return .text(Moment(microseconds: Int64(number) / units * 1_000_000 + Int64(number) % units * 1_000_000 / units).roundTripText)
        }
    }
}
