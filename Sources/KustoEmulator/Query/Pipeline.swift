/// The operators behind a management command's `|`: `where`, `take`, `limit`, `project` and `count`, as far as somebody who looks for a source needs them.
struct Pipeline: Sendable {
    enum Comparison: String, Sendable {
        case equal = "=="
        case unequal = "!="
        case equalAnyCase = "=~"
        case less = "<"
        case atMost = "<="
        case greater = ">"
        case atLeast = ">="
        case contains, has, startswith, endswith
        case within = "in"
    }

    indirect enum Predicate: Sendable {
        case compare(String, Comparison, [String])
        case and(Predicate, Predicate)
        case or(Predicate, Predicate)
    }

    enum Step: Sendable {
        case filter(Predicate)
        case take(Int)
        case project([String])
        case count
    }

    var steps: [Step] = []

    /// The table after every step. A column that there is not is an error of the query.
    func apply(_ dataset: Dataset) throws(OneAPIError) -> Dataset {
        var dataset = dataset
        for step in steps {
            switch step {
            case .filter(let predicate):
                let matcher = try Matcher(predicate, dataset.columns)
                dataset.rows = dataset.rows.filter { matcher.matches($0) }
            case .take(let count): dataset.rows = Array(dataset.rows.prefix(count))
            case .project(let names):
                var indexes: [Int] = []
                for name in names { indexes.append(try Matcher.index(of: name, dataset.columns)) }
                let columns = indexes.map { dataset.columns[$0] }
                dataset = Dataset(columns: columns, rows: dataset.rows.map { row in indexes.map { row[$0] } })
            case .count: dataset = Dataset(columns: [Dataset.Column(name: "Count", type: .long)], rows: [[.integer(dataset.rows.count)]])
            }
        }
        return dataset
    }
}

/// A predicate with its columns found.
private indirect enum Matcher {
    case compare(Int, Pipeline.Comparison, [String])
    case and(Matcher, Matcher)
    case or(Matcher, Matcher)

    init(_ predicate: Pipeline.Predicate, _ columns: [Dataset.Column]) throws(OneAPIError) {
        switch predicate {
        case .compare(let name, let comparison, let values): self = .compare(try Self.index(of: name, columns), comparison, values)
        case .and(let left, let right): self = .and(try Matcher(left, columns), try Matcher(right, columns))
        case .or(let left, let right): self = .or(try Matcher(left, columns), try Matcher(right, columns))
        }
    }

    static func index(of name: String, _ columns: [Dataset.Column]) throws(OneAPIError) -> Int {
        guard let index = columns.firstIndex(where: { $0.name == name }) else {
            throw .badRequest(
                type: "Kusto.Data.Exceptions.SemanticException", "Semantic error: Failed to resolve column expression named '\(name)'")
        }
        return index
    }

    func matches(_ row: [JSON]) -> Bool {
        switch self {
        case .and(let left, let right): return left.matches(row) && right.matches(row)
        case .or(let left, let right): return left.matches(row) || right.matches(row)
        case .compare(let index, let comparison, let values):
            let cell = row[index].text ?? row[index].encoded
            let value = values.first ?? ""
            switch comparison {
            case .equal: return cell == value
            case .unequal: return cell != value
            case .equalAnyCase: return cell.lowercased() == value.lowercased()
            case .within: return values.contains(cell)
            case .contains: return cell.lowercased().contains(value.lowercased())
            // A term is what stands between characters that are no letters or digits.
            case .has: return Self.terms(cell, contain: value)
            case .startswith: return cell.lowercased().hasPrefix(value.lowercased())
            case .endswith: return cell.lowercased().hasSuffix(value.lowercased())
            case .less, .atMost, .greater, .atLeast: return Self.order(cell, comparison, value)
            }
        }
    }

    private static func terms(_ text: String, contain term: String) -> Bool {
        let (text, term) = (Array(text.lowercased()), Array(term.lowercased()))
        guard !term.isEmpty, term.count <= text.count else { return term.isEmpty }
        func isPart(_ index: Int) -> Bool { text.indices.contains(index) && (text[index].isLetter || text[index].isNumber) }
        return (0...(text.count - term.count)).contains { start in
            Array(text[start..<(start + term.count)]) == term && !isPart(start - 1) && !isPart(start + term.count)
        }
    }

    private static func order(_ cell: String, _ comparison: Pipeline.Comparison, _ value: String) -> Bool {
        guard let left = Moment(sasTime: cell), let right = Moment(sasTime: value) else { return false }
        return switch comparison {
        case .less: left < right
        case .atMost: left <= right
        case .greater: left > right
        default: left >= right
        }
    }
}
