import SpoolPrimitives

/// Set once, read by anybody.
package final class Flag: Sendable {
    private let state = Lock(false)

    package init() {}

    package func set() { state.withLock { $0 = true } }

    package var isSet: Bool { state.withLock { $0 } }
}
