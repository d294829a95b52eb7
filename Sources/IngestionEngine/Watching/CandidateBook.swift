import SpoolDirectory
import SpoolPrimitives

/// What a watcher remembers of files that are not complete yet, and when to look again. Bounded: what does not fit is looked at as if for
/// the first time.
struct CandidateBook {
    private static let limit = 10_000
    private var seen: [RelativePath: FileObservation] = [:]
    /// When the earliest of them may be complete.
    private(set) var lookAgainAt: Timestamp?

    func earlier(_ path: RelativePath) -> FileObservation? { seen[path] }

    mutating func notYet(_ path: RelativePath, _ observation: FileObservation, lookAgainAfter: Duration) {
        // The first look counts: quiet is measured from it for as long as nothing changes.
        if let known = seen[path], observation.isUnchanged(since: known) {
            // Keep the older look.
        } else if seen.count < Self.limit || seen[path] != nil {
            seen[path] = observation
        }
        let at = observation.at + max(lookAgainAfter, .milliseconds(10))
        lookAgainAt = min(lookAgainAt ?? at, at)
    }

    mutating func gone(_ path: RelativePath) { seen[path] = nil }

    /// A new scan sees everything again.
    mutating func beginScan() { lookAgainAt = nil }
}
