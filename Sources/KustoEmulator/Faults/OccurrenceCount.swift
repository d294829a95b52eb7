/// How often a rule has matched and hit.
struct OccurrenceCount: Sendable {
    private(set) var matched = 0
    private(set) var fired = 0

    /// Counts a match and says whether it is one that is hit.
    mutating func hits(_ occurrence: FaultRule.Occurrence, _ random: inout SeededRandom) -> Bool {
        matched += 1
        let hits =
            switch occurrence {
            case .always: true
            case .nth(let wanted): matched == wanted
            case .from(let first): matched >= first
            case .first(let count): matched <= count
            case .every(let step): step > 0 && matched % step == 0
            case .percent(let percent): Double.random(in: 0..<100, using: &random) < percent
            }
        if hits { fired += 1 }
        return hits
    }
}
