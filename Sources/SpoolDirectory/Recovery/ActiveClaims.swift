import Glibc
import SpoolPrimitives

/// A part of what is in .active.
package struct ActiveWindow: Sendable {
    package enum Content: Sendable {
        /// Files of a claim; a claim of many has several windows, one of none has one.
        case claim(ClaimName, directory: RelativePath, names: [FileName])
        /// An entry of .active that is no claim, or of a claim that is no file: not ours, and left alone. Below the root.
        case foreign(RelativePath)
    }

    package var content: Content
}

/// A listing of .active, in bounded windows: for the start, where rows and directories are compared (protocol.md, "On start").
///
/// One thread at a time; a second one waits.
package final class ActiveClaims: Sendable {
    private struct State {
        var claims: DirectoryReader
        var waiting: [DirectoryReader.Entry] = []
        var current: (claim: ClaimName, origin: RelativePath, files: DirectoryReader, isFirst: Bool)?
        var foreign: [RelativePath] = []
    }

    private let root: SpoolRoot
    private let state: Lock<State>

    init(_ root: SpoolRoot) throws(SpoolError) {
        self.root = root
        let active = try naming("open", root.active.path, root.active.reopen())
        state = Lock(State(claims: DirectoryReader(active, windowBytes: root.options.windowBytes)))
    }

    /// The next window; nil when all of .active was seen. Blocks while it reads.
    package func next() throws(SpoolError) -> ActiveWindow? {
        try state.withLock { state throws(SpoolError) in
            while true {
                if let foreign = state.foreign.popLast() { return ActiveWindow(content: .foreign(foreign)) }
                if let current = state.current {
                    if let window = try readFiles(current, &state) { return window }
                } else if let entry = state.waiting.popLast() {
                    try enter(entry, &state)
                } else if let entries = try naming("read", root.active.path, state.claims.next()) {
                    state.waiting = entries.reversed()
                } else {
                    return nil
                }
            }
        }
    }

    private func enter(_ entry: DirectoryReader.Entry, _ state: inout State) throws(SpoolError) {
        guard let claim = ClaimName(entry.name), entry.kind == .directory else {
            if !entry.name.isHidden { state.foreign.append(RelativePath([SpoolNames.active, entry.name])) }
            return
        }
        guard let directory = try root.openClaim(claim) else { return }
        let files = DirectoryReader(directory, windowBytes: root.options.windowBytes)
        state.current = (claim, try root.origin(of: directory), files, true)
    }

    private func readFiles(
        _ current: (claim: ClaimName, origin: RelativePath, files: DirectoryReader, isFirst: Bool), _ state: inout State
    ) throws(SpoolError) -> ActiveWindow? {
        guard let entries = try naming("read", current.files.directory.path, current.files.next()) else {
            state.current = nil
            return current.isFirst ? ActiveWindow(content: .claim(current.claim, directory: current.origin, names: [])) : nil
        }
        var names: [FileName] = []
        for entry in entries where !entry.name.isHidden {
            if entry.kind == .regular {
                names.append(entry.name)
            } else {
                state.foreign.append(RelativePath([SpoolNames.active, current.claim.fileName, entry.name]))
            }
        }
        // A window of nothing but hidden names says nothing yet.
        guard !names.isEmpty else { return nil }
        state.current?.isFirst = false
        return ActiveWindow(content: .claim(current.claim, directory: current.origin, names: names))
    }
}

extension SpoolRoot {
    /// Begins a listing of .active.
    package func activeClaims() throws(SpoolError) -> ActiveClaims { try ActiveClaims(self) }

    /// Looks at files of a claim that has no rows, so that rows can be made of them: protocol.md, "`.active` without a row → commit 2".
    ///
    /// First makes the claim durable, since the crash may have come before its fsyncs. Blocks; a name that is gone is left out.
    package func identify(_ names: [FileName], of claim: ClaimName) throws(SpoolError) -> [ClaimedFile] {
        guard let directory = try openClaim(claim) else { return [] }
        let origin = try origin(of: directory)
        try directory.sync()
        try active.sync()
        try sourceDirectory(origin)?.sync()
        var files: [ClaimedFile] = []
        for name in names {
            guard let status = try naming("stat", directory.path(of: name), directory.status(of: name)),
                EntryKind(status) == .regular
            else { continue }
            files.append(ClaimedFile(claim: claim, name: name, directory: origin, identity: FileIdentity(status)))
        }
        return files
    }

    /// What a claimed file is like now; nil where it is gone. For rows whose file may have changed while the daemon was down.
    package func identity(of name: FileName, in claim: ClaimName) throws(SpoolError) -> FileIdentity? {
        guard let directory = try openClaim(claim),
            let status = try naming("stat", directory.path(of: name), directory.status(of: name)),
            EntryKind(status) == .regular
        else { return nil }
        return FileIdentity(status)
    }
}
