import GRDB

/// How many files there are of each kind of work, by spool: kept while rows change, since counting them would read the index again and again.
/// Remembered rows, the great majority, are not counted.
struct WorkCounts: Sendable {
    /// Of each spool as many as there are kinds of work, in their order: every event of a file changes two.
    private var counts: [SpoolKey: [Int]] = [:]

    init() {}

    /// One pass over the part of the index that rows with work to do are in, which says nothing of coalesced files; and one over the manifests' rows, of
    /// which there are few.
    init(reading db: Database) throws {
        let rows = "SELECT spool, work, count(*) FROM sources WHERE work < ? GROUP BY work, spool"
        let others =
            "SELECT spool, work, sum(members - 1) FROM segments JOIN sources ON row = source WHERE work < ? GROUP BY work, spool"
        for sql in [rows, others] {
            for row in try Row.fetchAll(db, sql: sql, arguments: [Work.remembered.rawValue]) {
                if let work = Work(rawValue: row[1]) { add(work, SpoolKey(row[0]), files: row[2]) }
            }
        }
    }

    mutating func add(_ work: Work, _ spool: SpoolKey, files: Int) {
        if work != .remembered { counts[spool, default: Self.none][work.place] += files }
    }

    mutating func remove(_ work: Work, _ spool: SpoolKey, files: Int) {
        add(work, spool, files: -files)
    }

    func of(_ work: Work, _ spool: SpoolKey) -> Int { counts[spool]?[work.place] ?? 0 }

    /// What is left to do in other spools than these, by their paths.
    func perSpool(otherThan spools: Set<SpoolKey>, names: NameTables) -> [String: Int] {
        var left: [String: Int] = [:]
        for (spool, counts) in counts where !spools.contains(spool) {
            let count = counts.reduce(0, +)
            if count > 0, let path = names.spools[spool.number] { left[path] = count }
        }
        return left
    }

    /// Over all spools.
    var total: [Work: Int] {
        Work.allCases.reduce(into: [:]) { total, work in
            let count = counts.values.reduce(0) { $0 + $1[work.place] }
            if count != 0 { total[work] = count }
        }
    }

    private static let none = [Int](repeating: 0, count: Work.allCases.count)
}

extension Work {
    /// From zero.
    fileprivate var place: Int { Int(rawValue) - 1 }
}
