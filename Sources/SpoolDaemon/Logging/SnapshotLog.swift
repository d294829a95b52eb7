import KustoIngest
import Logging
import SpoolPrimitives

/// What refreshes of the resource snapshot say to an operator.
enum SnapshotLog {
    static func write(_ event: ResourceSnapshotStore.Event, to logger: Logger) {
        switch event {
        case .refreshed(let snapshot):
            logger.info(
                "resource snapshot refreshed",
                metadata: [
                    "containers": "\(snapshot.containers.count)", "queues": "\(snapshot.ingestionQueues.count)",
                    "nearest_expiry": "\(snapshot.nearestExpiry.map(\.description) ?? "unknown")",
                ])
            if !snapshot.skipped.isEmpty {
                logger.debug("resources of unknown kinds were skipped", metadata: ["kinds": "\(snapshot.skipped.joined(separator: " "))"])
            }
        case .failed(let error, let failures, let nextIn, let isUsable):
            let metadata: Logger.Metadata = ["error": "\(error)", "failures": "\(failures)", "next_in_ms": "\(nextIn.milliseconds)"]
            if isUsable {
                logger.warning("the resource snapshot could not be refreshed; the old one still serves", metadata: metadata)
            } else {
                logger.error("there is no usable resource snapshot; files wait until the service answers", metadata: metadata)
            }
        }
    }
}
