package import SpoolDirectory
import SpoolPrimitives

/// Complete files that wait in their directories for others to be claimed with them (protocol.md §3.1): one claim is one source, or a few.
///
/// They are in the root still: what they were like when they were found complete is kept, for a second look before their claim.
/// Bounded: as many as make a source are claimed.
package struct GatheredFiles: Sendable {
    package struct File: Sendable, Hashable {
        package var name: FileName
        /// What it was like when it was found complete; nil where nobody needed to look.
        package var seen: FileObservation?

        package init(_ name: FileName, seen: FileObservation? = nil) {
            self.name = name
            self.seen = seen
        }
    }

    package struct Batch: Sendable, Hashable {
        package var directory: RelativePath
        package var files: [File]

        package init(directory: RelativePath, files: [File]) {
            self.directory = directory
            self.files = files
        }
    }

    private struct Waiting: Sendable {
        var names: [FileName] = []
        var seen: [FileName: FileObservation?] = [:]
        var since: Duration
    }

    private let rules: CoalescingRules
    private var waiting: [RelativePath: Waiting] = [:]
    private var count = 0

    package init(_ rules: CoalescingRules) { self.rules = rules }

    /// Adds files that are complete, or are so again. What said so, the claim looks for again.
    package mutating func add(_ files: [File], in directory: RelativePath, at now: Duration) {
        for file in files where waiting[directory, default: Waiting(since: now)].seen.updateValue(file.seen, forKey: file.name) == nil {
            waiting[directory]?.names.append(file.name)
            count += 1
        }
    }

    /// The next files to be claimed: of a directory that has enough of them, or whose first one has waited long enough; or, where all directories together
    /// have too many, of the fullest.
    package mutating func take(at now: Duration) -> Batch? {
        let full = waiting.first { $0.value.names.count >= rules.maximumFiles }
        let due = full ?? waiting.first { now - $0.value.since >= rules.maximumWait }
        guard
            let (directory, all) = due
                ?? (count >= 2 * rules.maximumFiles ? waiting.max { $0.value.names.count < $1.value.names.count } : nil)
        else { return nil }
        let names = all.names.prefix(rules.maximumFiles)
        count -= names.count
        if names.count == all.names.count {
            waiting[directory] = nil
        } else {
            waiting[directory]?.names.removeFirst(names.count)
            for name in names { waiting[directory]?.seen[name] = nil }
        }
        return Batch(directory: directory, files: names.map { File($0, seen: all.seen[$0] ?? nil) })
    }

    /// When the first of them have waited long enough, by the monotonic clock like all times here: a wall clock that is set back would let them wait on.
    package var dueAt: Duration? { waiting.values.map(\.since).min().map { $0 + rules.maximumWait } }
}
