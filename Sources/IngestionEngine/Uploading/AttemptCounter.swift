import IngestionModel
import SpoolPrimitives

/// Numbers the upload attempts of this run, over all sources: with the run's own number, no blob name can come twice.
final class AttemptCounter: Sendable {
    private let run: Int32
    private let last = Lock<Int32>(0)

    init(run: Int32) { self.run = run }

    func next() -> UploadAttempt {
        let number = last.withLock { last in
            last = last == .max ? 1 : last + 1
            return last
        }
        return UploadAttempt(run: run, number: number)
    }
}
