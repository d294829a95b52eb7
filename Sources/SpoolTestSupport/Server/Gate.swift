package import SpoolPrimitives

/// A place in a server's script where it stops until the test lets it go on, and tells the test that it is there.
package final class Gate: Sendable {
    /// Raised when the server has come to the gate.
    package let reached = Signal()
    private let permits = Mailbox<Bool>()

    /// Closed.
    package init() {}

    /// Lets one that waits, now or later, go on.
    package func open() { _ = permits.put(true) }

    /// Lets everybody go on for ever: the server ends.
    func openForEver() { permits.close() }

    func wait() {
        reached.raise()
        _ = permits.takeOne()
    }

    func announce() { reached.raise() }
}
