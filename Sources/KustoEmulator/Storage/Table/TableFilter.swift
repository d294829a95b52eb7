/// A `$filter`: comparisons of properties with constants, joined by `and`, `or` and `not`.
indirect enum TableFilter: Sendable {
    enum Comparison: String, Sendable {
        case eq, ne, gt, ge, lt, le
    }

    case compare(String, Comparison, TableValue)
    case and(TableFilter, TableFilter)
    case or(TableFilter, TableFilter)
    case not(TableFilter)

    func matches(_ entity: TableEntity) -> Bool {
        switch self {
        case .and(let left, let right): return left.matches(entity) && right.matches(entity)
        case .or(let left, let right): return left.matches(entity) || right.matches(entity)
        case .not(let filter): return !filter.matches(entity)
        case .compare(let name, let comparison, let constant):
            guard let order = entity[name]?.order(constant) else { return false }
            return switch comparison {
            case .eq: order == 0
            case .ne: order != 0
            case .gt: order > 0
            case .ge: order >= 0
            case .lt: order < 0
            case .le: order <= 0
            }
        }
    }

    /// The partitions outside of which nothing can match; nil at an end means that it is open.
    var partitions: (first: String?, last: String?) {
        switch self {
        case .compare("PartitionKey", let comparison, .text(let text)):
            switch comparison {
            case .eq: return (text, text)
            case .gt, .ge: return (text, nil)
            case .lt, .le: return (nil, text)
            case .ne: return (nil, nil)
            }
        case .compare, .not: return (nil, nil)
        case .and(let left, let right):
            let (one, other) = (left.partitions, right.partitions)
            let first = [one.first, other.first].compactMap { $0 }.max()
            return (first, [one.last, other.last].compactMap { $0 }.min())
        case .or(let left, let right):
            let (one, other) = (left.partitions, right.partitions)
            let first = one.first.flatMap { first in other.first.map { min(first, $0) } }
            return (first, one.last.flatMap { last in other.last.map { max(last, $0) } })
        }
    }
}
