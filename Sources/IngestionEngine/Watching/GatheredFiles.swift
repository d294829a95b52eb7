import SpoolDirectory
import SpoolPrimitives

/// Complete files that wait in their directories for others to be claimed with them (protocol.md §3.1): one claim is one source, or a few.
///
/// They are in the root still, and whatever happens to them there is found out by the claim, as ever. Bounded: as many as make a source are claimed.
struct GatheredFiles: Sendable {
    struct Batch: Sendable {
        var directory: RelativePath
        var names: [FileName]
    }

    private struct Waiting: Sendable {
        var names: [FileName] = []
        var known: Set<FileName> = []
        var since: Duration
    }

    private let rules: CoalescingRules
    private var waiting: [RelativePath: Waiting] = [:]
    private var count = 0

    init(_ rules: CoalescingRules) { self.rules = rules }

    /// Adds files that are complete. What said so, the claim looks for again.
    mutating func add(_ names: [FileName], in directory: RelativePath, at now: Duration) {
        for name in names {
            if waiting[directory, default: Waiting(since: now)].known.insert(name).inserted {
                waiting[directory]?.names.append(name)
                count += 1
            }
        }
    }

    /// The next files to be claimed: of a directory that has enough of them, or whose first one has waited long enough; or, where all directories together
    /// have too many, of the fullest.
    mutating func take(at now: Duration) -> Batch? {
        let full = waiting.first { $0.value.names.count >= rules.maximumFiles }
        let due = full ?? waiting.first { now - $0.value.since >= rules.maximumWait }
        guard
            let (directory, files) = due
                ?? (count >= 2 * rules.maximumFiles ? waiting.max { $0.value.names.count < $1.value.names.count } : nil)
        else { return nil }
        let names = Array(files.names.prefix(rules.maximumFiles))
        count -= names.count
        if names.count == files.names.count {
            waiting[directory] = nil
        } else {
            waiting[directory]?.names.removeFirst(names.count)
            waiting[directory]?.known.subtract(names)
        }
        return Batch(directory: directory, names: names)
    }

    /// When the first of them have waited long enough, by the monotonic clock like all times here: a wall clock that is set back would let them wait on.
    var dueAt: Duration? { waiting.values.map(\.since).min().map { $0 + rules.maximumWait } }
}
