/// Everything that an operator decides.
package struct Configuration: Sendable, Hashable {
    package var cluster: ClusterSettings
    package var spools: [SpoolSettings]
    /// The directory of ledger, lock and reserve.
    package var state: String
    package var notifications: NotificationSettings
    package var journal: JournalSettings
    package var limits: LimitSettings
    package var log: LogSettings

    package init(
        cluster: ClusterSettings, spools: [SpoolSettings], state: String, notifications: NotificationSettings, journal: JournalSettings,
        limits: LimitSettings, log: LogSettings
    ) {
        self.cluster = cluster
        self.spools = spools
        self.state = state
        self.notifications = notifications
        self.journal = journal
        self.limits = limits
        self.log = log
    }
}

extension Configuration {
    private static let state = ConfigurationKey<String>.path(
        "state", .defaulted("/var/lib/kusto-spool"),
        "The directory of the ledger, its lock and its reserve. On a local file system. systemd's StateDirectory.")

    static let section = SectionDescription(
        "", "The file itself.",
        [
            ClusterSettings.key.description, SpoolSettings.key.description, state.description, NotificationSettings.key.description,
            JournalSettings.key.description, LimitSettings.key.description, LogSettings.key.description,
        ])

    /// Reads a whole document. Nil when something was complained of that leaves no configuration.
    static func read(_ root: YAMLNode, _ complaints: inout Complaints) -> Configuration? {
        let key = ConfigurationKey<Configuration>.section("", section) { reader in
            let cluster = reader.read(ClusterSettings.key)
            let spools = reader.read(SpoolSettings.key) ?? []
            let state = reader.read(state)
            let notifications = reader.read(NotificationSettings.key)
            let journal = reader.read(JournalSettings.key)
            let limits = reader.read(LimitSettings.key)
            let log = reader.read(LogSettings.key)
            if spools.isEmpty, !reader.isGiven("spools") {
                reader.complaints.error("spools is missing; it takes a list with at least one spool", at: reader.location)
            } else if !reader.complaints.hasErrors, spools.isEmpty {
                reader.complaints.error("spools is empty; at least one spool is needed", at: reader.location(of: "spools"))
            }
            PathChecks.check(spools, state: state, journal: journal?.path, &reader)
            guard let cluster, let state, let notifications, let journal, let limits, let log else { return nil }
            return Configuration(
                cluster: cluster, spools: spools.compactMap(\.settings), state: state, notifications: notifications, journal: journal,
                limits: limits, log: log)
        }
        return key.parse(root, ValueContext(path: ""), &complaints)
    }
}
