/// Where a claimed file is (protocol.md §1, P1). Paths are relative to the spool's root, as text that ``FileName`` reads back.
package enum FileLocation: Sendable, Hashable {
    /// In its claim's directory.
    case active
    case done(path: String)
    case failed(path: String)
    /// Removed because the route says so, after a success.
    case deleted
    /// Neither where it was left nor at a target: an operator's business.
    case vanished
}

/// Where a verdict sends the file.
package enum FileDestination: Sendable, Hashable {
    case done
    case failed
    case delete

    /// What is still to be done with a file, or nil when it is where its verdict wants it.
    ///
    /// `deletesOnSuccess` applies to reported successes only: a presumed one is never deleted before its retention.
    package static func needed(for verdict: Verdict, at location: FileLocation, deletesOnSuccess: Bool) -> FileDestination? {
        let target: FileDestination
        switch verdict {
        case .succeeded: target = deletesOnSuccess ? .delete : .done
        case .presumed: target = .done
        case .failed, .skipped: target = .failed
        case .unconfirmed: return nil
        }
        switch (location, target) {
        case (.active, _): return target
        case (.done, .failed), (.failed, .done), (.failed, .delete): return target
        case (.done, _), (.failed, .failed), (.deleted, _), (.vanished, _): return nil
        }
    }
}
