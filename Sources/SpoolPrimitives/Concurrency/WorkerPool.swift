/// A few threads of our own that run blocking or long closures for async callers, in order of arrival.
///
/// The number of waiting closures is bounded by the callers: each of them waits for its own.
package final class WorkerPool: Sendable {
    private let mailbox = Mailbox<Work>()
    private let threads: [WorkerThread]
    private let scheduler: (@Sendable (@escaping @Sendable () -> Void) -> Void)?

    package init(name: String, threads count: Int) {
        precondition(count > 0)
        scheduler = nil
        let mailbox = mailbox
        threads = (0..<count).map { index in
            WorkerThread(name: "\(name)-\(index)") {
                while let work = mailbox.takeOne() { work.run() }
            }
        }
    }

    /// A pool without threads, for a simulation that decides itself what runs when.
    ///
    /// - Parameter scheduler: gets every closure, and runs it once, sooner or later, on whatever thread.
    package init(schedulingBy scheduler: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void) {
        self.scheduler = scheduler
        threads = []
    }

    /// Runs `body` on one of the threads. Cancellation is the body's business: what blocks cannot be cancelled from outside.
    package func run<Result: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        let outcome: Swift.Result<Result, Failure> = await withCheckedContinuation { continuation in
            submit(
                Work {
                    do throws(Failure) {
                        continuation.resume(returning: .success(try body()))
                    } catch {
                        continuation.resume(returning: .failure(error))
                    }
                })
        }
        return try outcome.get()
    }

    /// Runs `body` when a thread is free, with nobody waiting for it.
    package func start(_ body: @escaping @Sendable () -> Void) { submit(Work(body)) }

    private func submit(_ work: sending Work) {
        if let scheduler {
            scheduler(work.run)
        } else {
            let accepted = mailbox.put(work)
            precondition(accepted, "a worker pool was used after it was closed")
        }
    }

    /// Lets the threads finish what they have and end; waits for them. Nothing may be run afterwards.
    package func close() {
        mailbox.close()
        for thread in threads { thread.join() }
    }

    private struct Work: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }
}
