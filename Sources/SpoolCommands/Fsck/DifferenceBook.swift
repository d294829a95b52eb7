/// One difference: of what, and what exactly.
struct Difference: Sendable {
    var kind: DifferenceKind
    /// A path, a source or a number: with the kind, what it is known by.
    var subject: String
    var detail: String?
}

/// What a look has found, bounded: of each kind the first 10,000 are kept, and all are counted.
struct DifferenceBook: Sendable {
    static let limit = 10_000

    private var kept: [DifferenceKind: [Difference]] = [:]
    private var counts: [DifferenceKind: Int] = [:]

    mutating func add(_ kind: DifferenceKind, _ subject: String, _ detail: String? = nil) {
        counts[kind, default: 0] += 1
        if counts[kind, default: 0] <= Self.limit {
            kept[kind, default: []].append(Difference(kind: kind, subject: subject, detail: detail))
        }
    }

    /// The kinds that were found, in the order of their declaration.
    var kinds: [DifferenceKind] { DifferenceKind.allCases.filter { counts[$0] != nil } }

    func differences(_ kind: DifferenceKind) -> [Difference] { kept[kind] ?? [] }

    func count(_ kind: DifferenceKind) -> Int { counts[kind] ?? 0 }

    /// How many differences count, notes aside.
    var count: Int { counts.reduce(0) { $0 + ($1.key.remedy == .note ? 0 : $1.value) } }
    var notes: Int { counts.reduce(0) { $0 + ($1.key.remedy == .note ? $1.value : 0) } }
    var isEmpty: Bool { counts.isEmpty }

    /// What two looks found both: beside a running daemon, whatever one alone found was in motion.
    func alsoIn(_ earlier: DifferenceBook) -> DifferenceBook {
        var both = DifferenceBook()
        for kind in kinds {
            let known = Set(earlier.differences(kind).map(\.subject))
            for difference in differences(kind) where known.contains(difference.subject) {
                both.add(kind, difference.subject, difference.detail)
            }
            // Beyond the limit nobody knows which they were; so many are no motion.
            let hidden = min(count(kind), earlier.count(kind)) - Self.limit
            if hidden > 0 { both.counts[kind, default: 0] += hidden }
        }
        return both
    }
}
