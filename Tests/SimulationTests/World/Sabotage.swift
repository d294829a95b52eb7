/// Rules broken on purpose, to see whether the judge sees it.
enum Sabotage: String, CaseIterable, Sendable {
    /// P3: an upload that is lost is reported as done.
    case losesUploads
    /// P3: of some blobs only the first part is kept.
    case truncatesBlobs
    /// P4: a message is put twice, and nobody told.
    case postsTwice
    /// P4: a post that may have arrived is reported as surely not sent.
    case deniesPosts
    /// P2: a notification is gone as soon as it is read, before its verdict is stored.
    case deletesNotificationsAtOnce
    /// P2: success is reported, and there are no rows.
    case claimsSuccess
    /// P1: a file leaves `.active` before it has a verdict.
    case disposesEarly
    /// P3: a changed file is removed.
    case removesFiles
    /// §3: commits that were answered are gone after a crash.
    case forgetsCommits
    /// §3.4: of these the one that says `posting`.
    case forgetsPosting
    /// P5: a line of the journal is there twice.
    case repeatsJournalLine
    /// P5: the journal's last line is gone after a crash.
    case losesJournalLine
    /// P6: an error says the whole URL.
    case leaksSignature
    /// P7: a sleep never ends.
    case losesWakeUp
}
