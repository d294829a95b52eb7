import NIOConcurrencyHelpers

/// Writes statuses into the tables that messages name, with the signature that they name.
final class StatusWriter: Sendable {
    /// What became of the writes so far.
    struct Counts: Sendable {
        var written = 0
        /// The table is gone or its signature does not allow it: the status is lost, as it would be in the cloud.
        var lost = 0
        /// Written, but nobody had inserted the entity before the message was posted.
        var unprepared = 0
    }

    private let storage: StorageDirectory
    private let clock: EmulatorClock
    private let state = NIOLockedValueBox(Counts())

    init(_ storage: StorageDirectory, _ clock: EmulatorClock) {
        self.storage = storage
        self.clock = clock
    }

    var counts: Counts { state.withLockedValue { $0 } }

    func write(_ write: StatusWrite) {
        guard let table = table(write.target.connection) else { return state.withLockedValue { $0.lost += 1 } }
        let existing = table.entity(write.target.key)
        if write.isCopy, existing?["Status"]?.text != "Pending" { return }
        do throws(StorageError) {
            _ = try table.update(write.target.key, write.properties, .none, merging: true)
            state.withLockedValue { counts in
                counts.written += 1
                if existing == nil { counts.unprepared += 1 }
            }
        } catch {
            state.withLockedValue { $0.lost += 1 }
        }
    }

    /// The table of a URL, where its signature gives the right to update and to add.
    private func table(_ url: String) -> StorageTable? {
        let halves = url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2, let scheme = halves[0].firstRange(of: "://"),
            let path = halves[0][scheme.upperBound...].firstIndex(of: "/")
        else { return nil }
        let segments = halves[0][path...].split(separator: "/")
        guard segments.count == 2, let account = storage.account(String(segments[0])) else { return nil }
        let query = Dictionary(PercentCoding.pairs(halves[1]).map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        let check = SignatureCheck(account: account, now: clock.now, secure: halves[0].hasPrefix("https:"), address: "127.0.0.1")
        let need = SignatureCheck.Need(resource: .table(String(segments[1])), permissions: "au", needsAll: true)
        guard check.judge(query, need) == nil else { return nil }
        return account.table(String(segments[1]))
    }
}
