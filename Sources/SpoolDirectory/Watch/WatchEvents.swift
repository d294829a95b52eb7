/// That something happened to a name. A hint and never more: the scan is the truth.
package struct WatchHint: Sendable, Hashable {
    package var directory: RelativePath
    package var name: FileName
    package var hint: Completeness.Hint

    package init(directory: RelativePath, name: FileName, hint: Completeness.Hint) {
        self.directory = directory
        self.name = name
        self.hint = hint
    }
}

/// What a read of the watch brought.
package struct WatchEvents: Sendable, Equatable {
    /// In order; a name may be there several times.
    package var hints: [WatchHint] = []
    /// New directories of the tree, watched from now on: scan each once, for what was in it before the watch was.
    package var newDirectories: [RelativePath] = []
    /// The kernel's queue overflowed (16,384 events by default): only a scan of everything finds what was dropped meanwhile.
    package var mustRescan = false

    package init() {}
}
