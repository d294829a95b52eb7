package import SpoolPrimitives

/// What is known of an entry without opening it.
package struct FileObservation: Sendable, Hashable {
    /// Bytes.
    package var size: Int64
    /// Nanoseconds since 1970, by the file system's clock.
    package var modified: Int64
    package var changed: Int64
    /// When we looked, by the wall clock.
    package var at: Timestamp
    /// Together they tell this entry from another of its name.
    package var inode: UInt64
    package var device: UInt64

    package init(size: Int64, modified: Int64, changed: Int64, at: Timestamp, inode: UInt64 = 0, device: UInt64 = 0) {
        self.inode = inode
        self.device = device
        self.size = size
        self.modified = modified
        self.changed = changed
        self.at = at
    }

    /// Whether nothing has happened to the file between the two looks, as far as its size and times tell.
    package func isUnchanged(since earlier: FileObservation) -> Bool {
        size == earlier.size && modified == earlier.modified && changed == earlier.changed
    }
}

/// When a dropped file is complete. A pure decision: the caller brings what it saw, and looks again when told to.
package struct Completeness: Sendable, Hashable {
    package enum Rule: Sendable, Hashable {
        /// Producers rename complete files in: what is visible is complete. The cheapest, since nothing is looked at.
        case rename
        /// Renamed in, or closed after writing; what only the scan saw must have been quiet. The default.
        case closed
        /// Only a quiet file is complete: for producers that close a file and open it again to append.
        case quiet
        /// Only a file whose name with this behind it exists too, and is not older, is complete.
        case marker(suffix: String)
    }

    /// What the watch saw of the name last.
    package enum Hint: Sendable, Hashable {
        case none
        case movedIn
        case closedAfterWriting
    }

    package enum Decision: Sendable, Hashable {
        case complete
        /// Look again after this time; with the marker rule the marker's own hint will come first.
        case notYet(lookAgainAfter: Duration)
        /// It is a marker and never claimed.
        case isMarker
    }

    package var rule: Rule
    /// How long size and times must have stayed as they are.
    package var quietTime: Duration

    package init(rule: Rule = .closed, quietTime: Duration = .seconds(10)) {
        self.rule = rule
        self.quietTime = quietTime
    }

    /// Whether the rule decides by the name and the hint alone, so that nobody needs to look at the file.
    package func isCompleteUnseen(_ name: FileName, hint: Hint) -> Bool {
        switch (rule, hint) {
        case (.rename, _), (.closed, .movedIn), (.closed, .closedAfterWriting): true
        case (.closed, .none), (.quiet, _), (.marker, _): false
        }
    }

    /// - Parameters:
    ///   - now: what the file is like.
    ///   - earlier: what it was like when we looked before, if we did.
    ///   - marker: what its marker is like, if there is one.
    package func decide(
        _ name: FileName, hint: Hint, now: FileObservation, earlier: FileObservation? = nil, marker: FileObservation? = nil
    ) -> Decision {
        if isCompleteUnseen(name, hint: hint) { return .complete }
        guard case .marker = rule else { return decideByQuiet(now, earlier, quietTime) }
        if isMarker(name) { return .isMarker }
        // A marker older than its file is left from a file of the same name, by a crash between the claim and the marker's removal.
        guard let marker else { return .notYet(lookAgainAfter: quietTime) }
        if marker.modified >= now.modified { return .complete }
        // Or else the clock was set back between the two, and the marker would be too old for ever: nobody has touched the file for so long by then.
        return decideByQuiet(now, earlier, max(quietTime, Self.oldMarkerTime))
    }

    /// How long a file has to be quiet whose marker is older than itself.
    package static let oldMarkerTime: Duration = .seconds(600)

    /// Quiet is a file of which we know that nothing happened for the time: we saw it stay the same for so long, or both its times are so old
    /// (so that a million files from before the start need no second look).
    ///
    /// mtime alone is not enough at the first look: `cp -p` and unpackers set it back when they end, and a copy under way may carry an old one.
    private func decideByQuiet(_ now: FileObservation, _ earlier: FileObservation?, _ quietTime: Duration) -> Decision {
        let quiet = quietTime.microseconds
        let lastTouched = max(now.modified, now.changed) / 1000
        let age = now.at.microseconds - lastTouched
        if age >= quiet { return .complete }
        var seenFor: Int64 = 0
        if let earlier, now.isUnchanged(since: earlier) {
            // Two looks of ours, so a file from the future, or a server with another clock, becomes complete as well.
            seenFor = max(0, now.at.microseconds - earlier.at.microseconds)
        }
        if seenFor >= quiet { return .complete }
        // A clock set back must not make us wait longer than the rule says.
        return .notYet(lookAgainAfter: .microseconds(quiet - max(seenFor, min(max(age, 0), quiet))))
    }

    /// Whether the marker rule takes this name for a marker.
    package func isMarker(_ name: FileName) -> Bool { fileName(ofMarker: name) != nil }

    /// The file whose marker this name is; nil where it is none.
    package func fileName(ofMarker name: FileName) -> FileName? {
        guard case .marker(let suffix) = rule, name.hasSuffix(suffix.utf8) else { return nil }
        return FileName(bytes: name.bytes.dropLast(suffix.utf8.count))
    }

    /// The marker of this file; nil where the rule knows none, or where the name would be too long for one.
    package func marker(of name: FileName) -> FileName? {
        guard case .marker(let suffix) = rule, name.length + suffix.utf8.count <= FileName.maximumLength else { return nil }
        return FileName(bytes: Array(name.bytes) + Array(suffix.utf8))
    }
}
