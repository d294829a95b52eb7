import ResultJournal
package import SpoolPrimitives
import SpoolTestSupport

extension JournalEvents {
    /// A journal's events once they satisfy `condition`; throws after `deadline`, saying what the journal has and what `said` has to tell.
    ///
    /// - Parameter pool: on which the wait blocks a thread.
    package static func wait(
        for what: String, in path: String, deadline: Duration = .seconds(60), on pool: WorkerPool,
        until condition: @escaping @Sendable (JournalEvents) -> Bool, said: @escaping @Sendable () -> String = { "" }
    ) async throws -> JournalEvents {
        try await pool.run { () throws(TestSupportError) in
            let time = SystemTime()
            let end = time.monotonicNow + deadline
            var events = JournalEvents()
            do {
                let reader = try JournalReader(path: path, from: .beginning)
                while true {
                    // A long journal comes in pieces.
                    while true {
                        let lines = try reader.next()
                        if lines.isEmpty { break }
                        for line in lines { try events.add(line.bytes) }
                    }
                    if condition(events) { return events }
                    let left = end - time.monotonicNow
                    guard left > .zero else { break }
                    _ = try reader.wait(atMost: left)
                }
            } catch {
                throw TestSupportError("the journal cannot be read: \(error)")
            }
            throw TestSupportError("no \(what) within \(deadline); the journal has \(events.summary); \(said())")
        }
    }
}
