import SpoolPrimitives

/// Lets so many in at a time, in order of arrival: a machine with two cores that runs a hundred systems at once gives each of them nothing.
final class Turnstile: Sendable {
    private struct State {
        var free: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    /// For whole systems: an emulator, a daemon, their threads and inotify instances, of which a user has 128. Most of their time they wait.
    static let systems = Turnstile(24)

    private let state: Lock<State>

    init(_ places: Int) { state = Lock(State(free: places)) }

    func with<Result>(_ body: () async throws -> Result) async rethrows -> Result {
        await enter()
        defer { leave() }
        return try await body()
    }

    private func enter() async {
        await withCheckedContinuation { continuation in
            let enters = state.withLock { state in
                if state.free > 0 {
                    state.free -= 1
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if enters { continuation.resume() }
        }
    }

    private func leave() {
        let next: CheckedContinuation<Void, Never>? = state.withLock { state in
            if state.waiting.isEmpty {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
