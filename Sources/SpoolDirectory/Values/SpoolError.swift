package import SpoolPrimitives

/// Why something could not be done to a spool or a state directory: operation, path, cause, and what to do next.
package struct SpoolError: Error, Sendable {
    package enum Kind: Sendable, Equatable {
        /// Another process holds the lock. The daemon ends with 75 (EX_TEMPFAIL).
        case locked(pid: Int32?)
        /// `.spool` names another ledger, or nothing readable (then nil).
        case ownedByAnother(uuid: String?)
        /// The directory is on a file system of this name that the network serves.
        case networkFilesystem(String)
        /// The spool's directories are not under one mount, or the file system cannot rename without replacing.
        case cannotRename
        /// A directory of ours is a link, a file, or somebody else's.
        case unsafeDirectory
        /// fsync(2) or fdatasync(2) failed: what was written may be gone and no second call would tell (protocol.md §7).
        /// The process must end with 74 (EX_IOERR).
        case fsyncFailed
        /// ENOSPC or EDQUOT.
        case full
        case notFound
        /// The root's path is gone, or is another directory than at the start.
        case rootReplaced
        /// The name that the file would get is taken.
        case nameTaken
        /// The caller asked for what this module never does, such as removing something outside done/.
        case refused
        case system
    }

    package var kind: Kind
    /// What was tried, as a verb: `rename`, `open`.
    package var operation: String
    /// The path as an operator may type it (names as in `FileName.displayText`).
    package var path: String
    package var cause: SystemErrno?
    /// What the operator can do, with the command where there is one.
    package var hint: String?

    package init(_ kind: Kind, _ operation: String, _ path: String, cause: SystemErrno? = nil, hint: String? = nil) {
        self.kind = kind
        self.operation = operation
        self.path = path
        self.cause = cause
        self.hint = hint
    }

    /// The kind follows from the cause.
    init(_ operation: String, _ path: String, _ cause: SystemErrno, hint: String? = nil) {
        self.init(Self.kind(of: cause), operation, path, cause: cause, hint: hint ?? Self.hint(for: cause, path: path))
    }
}

extension SpoolError: CustomStringConvertible {
    package var description: String {
        var text = "cannot \(operation) \(path)"
        if let reason { text += ": \(reason)" }
        if let hint { text += ". \(hint)" }
        return text
    }

    private var reason: String? {
        switch kind {
        case .locked(let pid?): "another daemon, process \(pid), holds it"
        case .locked(nil): "another daemon holds it"
        case .ownedByAnother(let uuid?): "it belongs to the ledger \(uuid)"
        case .ownedByAnother(nil): "its .spool file does not hold a ledger's UUID"
        case .networkFilesystem(let name): "it is on a network file system (\(name))"
        case .cannotRename: cause?.description ?? "the spool's directories are not under one mount"
        case .rootReplaced: "it is not the directory that it was at the start"
        case .unsafeDirectory, .fsyncFailed, .full, .notFound, .nameTaken, .refused, .system: cause?.description
        }
    }
}
