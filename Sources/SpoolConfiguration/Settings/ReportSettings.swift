import KustoWire

/// `report: { level: all, method: queue }`.
struct ReportSettings: Sendable, Hashable {
    var level: ReportLevel
    var method: ReportMethod

    private static let level = ConfigurationKey<ReportLevel>.choice(
        "level", [("none", .none), ("failures", .failuresOnly), ("all", .failuresAndSuccesses)], .defaulted("all"),
        "Which outcomes the service reports. `all`: a verdict for every file. `failures`: no failure by the deadline is a presumed success. `none`: no verdict at all."
    )

    private static let method = ConfigurationKey<ReportMethod>.choice(
        "method", [("queue", .queue), ("table", .table), ("both", .queueAndTable)], .defaulted("queue"),
        "Where the service reports to. `queue`: the notification queues, which all clients of the cluster share. `table`: a row of its own for each file in "
            + "the status table, which nobody else takes away: for several daemons on one cluster. It costs three requests a file more, and is not for "
            + "much above 10,000 files a day. `both`: whichever comes first.")

    static let key = ConfigurationKey<ReportSettings>.section(
        "report", SectionDescription("spools[].report", "What the service reports of each file.", [level.description, method.description])
    ) { reader in
        let level = reader.read(level)
        let method = reader.read(method)
        if level == ReportLevel.none {
            reader.warning("level", "with 'none' the service reports nothing: every file of this spool ends unconfirmed")
        }
        guard let level, let method else { return nil }
        return ReportSettings(level: level, method: method)
    }
}
