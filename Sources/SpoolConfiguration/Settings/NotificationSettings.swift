/// What is done with notifications (protocol.md §5).
package struct NotificationSettings: Sendable, Hashable {
    package var foreign: Foreign
    package var deadline: Duration

    package init(foreign: Foreign, deadline: Duration) {
        self.foreign = foreign
        self.deadline = deadline
    }

    /// What becomes of notifications about other clients' files.
    package enum Foreign: String, Sendable, Hashable {
        /// Drained into the journal.
        case journal
        /// Made visible again.
        case leave
    }

    private static let foreign = ConfigurationKey<Foreign>.choice(
        "foreign", [("journal", .journal), ("leave", .leave)], .defaulted("journal"),
        "The service's notification queues are shared by all clients of the cluster. `journal`: what others caused is drained too and recorded, "
            + "so that the queues do not fill up with what nobody reads. `leave`: it is put back, for clusters where others do read.")

    private static let deadline = ConfigurationKey<Duration>.duration(
        "deadline", in: .seconds(1) ... .seconds(7 * 86_400), default: "24 h",
        "How long to wait for a verdict before a file counts as unconfirmed. The service retries for hours; a queue message lives 7 days.")

    static let key = ConfigurationKey<NotificationSettings>.section(
        "notifications",
        SectionDescription("notifications", "How the service's reports are read.", [foreign.description, deadline.description])
    ) { reader in
        let foreign = reader.read(foreign)
        let deadline = reader.read(deadline)
        guard let foreign, let deadline else { return nil }
        return NotificationSettings(foreign: foreign, deadline: deadline)
    }
}
