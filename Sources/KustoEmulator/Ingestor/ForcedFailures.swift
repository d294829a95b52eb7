import NIOConcurrencyHelpers

/// The failures that were asked for, counted down as they are given.
final class ForcedFailures: Sendable {
    /// A failure to give now.
    struct Given: Sendable {
        let failure: IngestionFailure
        let thenSucceeds: Bool
    }

    private let rules: NIOLockedValueBox<[ForcedFailure]>

    init(_ rules: [ForcedFailure]) { self.rules = NIOLockedValueBox(rules) }

    func add(_ rule: ForcedFailure) { rules.withLockedValue { $0.append(rule) } }

    func clear() { rules.withLockedValue { $0.removeAll() } }

    func failure(database: String, table: String) -> Given? {
        rules.withLockedValue { rules in
            guard
                let index = rules.firstIndex(where: { $0.table == table && ($0.database ?? database) == database && $0.times != 0 })
            else { return nil }
            let rule = rules[index]
            if let times = rule.times { rules[index].times = times - 1 }
            let failure = IngestionFailure(
                rule.code, "This failure was asked for (\(rule.code)).", failureStatus: rule.failureStatus, shouldRetry: rule.shouldRetry,
                status: rule.status)
            return Given(failure: failure, thenSucceeds: rule.thenSucceeds)
        }
    }
}
