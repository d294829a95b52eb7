import AzureStorage
import SpoolPrimitives

/// Names for calls to storage: a UUID of the run and the call's number, so that a name costs no randomness and the service's logs show the order.
final class RequestNames: Sendable {
    private let run: String
    private let count = Lock<UInt64>(0)

    init(run: String) { self.run = run }

    func next() -> ClientRequestID {
        let number = count.withLock { count in
            count += 1
            return count
        }
        return ClientRequestID("\(run)/\(number)")
    }
}
