import IngestionEngine

/// How a daemon is killed.
enum Kill: Sendable, Hashable, CustomStringConvertible {
    /// When it comes to a named point for the n-th time.
    case point(EngineHooks.Point, occurrence: Int)
    /// In place of its n-th durable system call, counted over all threads.
    case call(Int)
    /// So many microseconds after its start, whatever it does.
    case instant(microseconds: Int)

    /// The same, while files wait for an operator.
    case wait(microseconds: Int)

    var description: String {
        switch self {
        case .point(let point, let occurrence): "\(point.rawValue)#\(occurrence)"
        case .call(let number): "call \(number)"
        case .instant(let microseconds): "after \(microseconds) µs"
        case .wait(let microseconds): "after \(microseconds) µs of waiting"
        }
    }

    /// The row of the matrix.
    var kind: String {
        switch self {
        case .point(let point, _): "point \(point.rawValue)"
        case .call: "n-th durable call"
        case .instant: "random instant"
        case .wait: "random instant while files wait"
        }
    }
}
