/// What kind of event an entry of systemd's journal tells: `journalctl MESSAGE_ID=…` finds all of a kind.
///
/// The catalogue. The numbers are for ever: one that was given is never changed and never given again.
package enum MessageID: String, Sendable, Hashable, CaseIterable {
    /// A file was taken out of the root and stands in the ledger.
    case fileClaimed = "e95cd981dc0252a78136ba487b8159c2"
    /// The service has the ingestion message; not yet a success.
    case sourceQueued = "afed16b664e254b9b5d7f817acb79733"
    /// The service says that the rows are in.
    case fileSucceeded = "6b90dbccfb0450a2a170b8fc867dc7cf"
    /// The service, or the daemon, refused the file: in failed/ with its reason.
    case fileFailed = "0ca618348d4457c8b677f5dd94f36660"
    /// The daemon refused the file before it was sent.
    case fileSkipped = "997fb555298658faad9960fb55e96306"
    /// No failure came by the deadline of a route that reports failures only.
    case filePresumed = "ace54fcbf9af5a95a36b96a05cc177cc"
    /// No notification came by the deadline.
    case fileUnconfirmed = "4390cad11a0050fa910dbade00da7a48"
    /// An operator's business: unreadable, or changed by a crash.
    case fileHeld = "356c3231c7c8592c81ee9d2e260a2c26"
    /// A file of the ledger is nowhere.
    case fileVanished = "025face130225488a1ee0124df2675e1"
    /// A file changed after it was sent: kept in failed/.
    case fileChangedAfterPost = "821af7dbeba95d7f82d7d2d8d0d141a5"
    /// A better verdict came late.
    case verdictCorrected = "54f81249b9dd59298436de088b3ce409"
    /// Whether the service got the message is not known.
    case postAmbiguous = "1f1063d3ce895e4db89647d859a64570"
    /// The daemon sends a message again: the rows may be there twice.
    case postRepeated = "c0e0dc4b9a7a52df9c532087f9ee70cb"
    /// A source that was replaced succeeded after all.
    case sourceDuplicated = "bbee7327500759958ce024402bbb52e8"
    /// A source is tried anew under another id.
    case sourceSuperseded = "ee1877004b285986b9fe19ab8e2aebc0"
    /// Tried again later.
    case sourceDeferred = "33e1555ab82b54c59eed32df050e5b54"
    /// The service rejects a route's configuration: held, with one alert.
    case routeHeld = "cccda43efb7e5c178636f97633f635b9"
    /// A held route works again.
    case routeReleased = "c3177c8088105f9180f3043274183e11"
    /// A notification of another client was taken from the shared queue.
    case foreignNotification = "29dd804a64b3534fac8db2505bfd737d"
    /// Lines of the journal were lost by another hand.
    case journalGap = "1c7761c1140151ce88805aa31206cac7"
    /// Claims stop until there is room; verdicts are recorded from the reserve.
    case diskFull = "4a418c6d0748502d93b90806b5ba4c9d"
    /// The daemon is ready.
    case daemonStarted = "da1f1ba390ba53949016cdfcb2579623"
    /// Something is not reachable, and the daemon goes on.
    case daemonDegraded = "df94c7e940e3500cb28109240fcc4abc"
    /// What was not reachable is again.
    case daemonRecovered = "ae2401e9a2a45e7f96122763400ea4e5"
    /// The daemon has ended in order.
    case daemonStopped = "42b7474c332e522991cc7894bed616fc"
    /// Something in a spool that is no file.
    case oddEntry = "d69b5cd469135068b9e38cf1eff4abaf"

    /// 32 hexadecimal digits, as sd-id128(3) writes them.
    package var text: String { rawValue }

    /// The id for an event of our own journal, by its `event`; nil for one that has none.
    package init?(event: String) {
        switch event {
        case "accepted": self = .fileClaimed
        case "queued": self = .sourceQueued
        case "succeeded": self = .fileSucceeded
        case "failed": self = .fileFailed
        case "skipped": self = .fileSkipped
        case "presumed": self = .filePresumed
        case "unconfirmed": self = .fileUnconfirmed
        case "held": self = .fileHeld
        case "vanished": self = .fileVanished
        case "changed_after_post": self = .fileChangedAfterPost
        case "corrected": self = .verdictCorrected
        case "ambiguous": self = .postAmbiguous
        case "reposted": self = .postRepeated
        case "duplicated": self = .sourceDuplicated
        case "superseded": self = .sourceSuperseded
        case "deferred": self = .sourceDeferred
        case "route_held": self = .routeHeld
        case "route_released": self = .routeReleased
        case "foreign": self = .foreignNotification
        case "gap": self = .journalGap
        case "disk_full": self = .diskFull
        case "started": self = .daemonStarted
        case "degraded": self = .daemonDegraded
        case "recovered": self = .daemonRecovered
        case "stopped": self = .daemonStopped
        case "odd_entry": self = .oddEntry
        default: return nil
        }
    }
}
