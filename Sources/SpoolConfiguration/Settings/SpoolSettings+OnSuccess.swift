extension SpoolSettings.OnSuccess {
    private enum Action: Sendable, Hashable {
        case move
        case delete
    }

    private static let action = ConfigurationKey<Action>.choice(
        "action", [("move", .move), ("delete", .delete)], .defaulted("move"),
        "`move`: to done/. `delete`: at once. Moved by default, for a deleted file cannot be looked at when its rows are doubted.")

    private static let keep = ConfigurationKey<Duration>.duration(
        "keep", in: .seconds(0) ... .seconds(3650 * 86_400), default: "7 days",
        "How long a file stays in done/; with `delete`, one whose success is only presumed. A queued message lives as long.")

    static let key = ConfigurationKey<SpoolSettings.OnSuccess>.section(
        "on_success",
        SectionDescription("spools[].on_success", "What becomes of a file that settled well.", [action.description, keep.description])
    ) { reader in
        let action = reader.read(action)
        let keep = reader.read(keep)
        guard let action, let keep else { return nil }
        switch action {
        case .move: return .move(keep: keep)
        case .delete: return .delete(keepPresumed: keep)
        }
    }
}
