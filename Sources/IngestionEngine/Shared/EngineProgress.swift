import SpoolPrimitives

/// Counts what the engine finishes: commits aside, every answer of the service, whatever it says. What the watchdog takes for life: an upload of
/// hours commits nothing, and moves all the same.
package final class EngineProgress: Sendable {
    private let state = Lock<UInt64>(0)

    package init() {}

    package var count: UInt64 { state.withLock { $0 } }

    /// Something was answered.
    package func moved() { state.withLock { $0 &+= 1 } }
}
