import Glibc
import SpoolPrimitives

/// Children of this process, one after another from a few threads, as long as a closure runs: each of them holds copies of all our descriptors for a
/// moment.
package final class SpawnStorm: Sendable {
    private let started = Lock(0)
    private let isOver = Lock(false)

    /// How many children have come and gone.
    package var count: Int { started.withLock { $0 } }

    package static func with<Result>(
        isolation: isolated (any Actor)? = #isolation, _ body: (SpawnStorm) async throws -> Result
    ) async rethrows -> Result {
        let storm = SpawnStorm()
        let threads = storm.start()
        defer { storm.end(threads) }
        return try await body(storm)
    }

    package static func with<Result>(_ body: (SpawnStorm) throws -> Result) rethrows -> Result {
        let storm = SpawnStorm()
        let threads = storm.start()
        defer { storm.end(threads) }
        return try body(storm)
    }

    private func start() -> [WorkerThread] {
        (0..<3).map { _ in
            WorkerThread(name: "storm") {
                while self.isOver.withLock({ !$0 }) {
                    do { try Command.run("true") } catch { preconditionFailure("\(error)") }
                    self.started.withLock { $0 += 1 }
                }
            }
        }
    }

    private func end(_ threads: [WorkerThread]) {
        isOver.withLock { $0 = true }
        for thread in threads { thread.join() }
    }
}
