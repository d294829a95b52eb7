import Ledger
import Logging
import ServiceLifecycle
import SpoolDirectory
import SpoolPrimitives

/// Watches the state directory's disk: stops admission before the reserve is needed, restores the reserve when there is room again
/// (protocol.md §7).
package actor ReserveKeeper: Service {
    private let context: EngineContext
    private let reserve: Reserve
    private let stopping = Flag()
    private var isLow = false
    /// One statvfs each time.
    private static let interval: Duration = .seconds(5)

    package init(_ context: EngineContext, _ reserve: Reserve) {
        self.context = context
        self.reserve = reserve
    }

    package func run() async throws {
        try await withGracefulShutdownHandler {
            while !stopping.isSet, !Task.isCancelled {
                try await look()
                await reserve.givenUp.wait(atMost: Self.interval, on: context.time)
            }
        } onGracefulShutdown: { [stopping, reserve, ledger = context.ledger] in
            stopping.set()
            // What finds no room now is not on disk, and the next start takes it up from what is.
            ledger.stopWaitingForRoom()
            reserve.givenUp.raise()
        }
    }

    private func look() async throws {
        let reserve = reserve
        guard
            let found = try await context.onFiles(
                "looking at the state directory's disk", { () throws(SpoolError) in try reserve.restore() })
        else { return }
        // Files are taken again only when there is twice the room at which they were no more.
        let size = reserve.directory.reserveSize
        let least = isLow ? size + size : size
        isLow = found.free < least
        let place = "\(reserve.directory.path) has \(found.free) free"
        if found.isWhole {
            context.admission.resume(.reserveIsSpent)
        } else {
            context.admission.stop(.reserveIsSpent, because: "the disk of \(place): the reserve for verdicts was given up; make room there")
        }
        if isLow {
            context.admission.stop(.diskIsLow, because: "the disk of \(place): less than \(least) is kept for verdicts; make room there")
        } else {
            context.admission.resume(.diskIsLow)
        }
    }
}
