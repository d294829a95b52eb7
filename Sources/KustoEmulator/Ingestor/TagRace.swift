import NIOConcurrencyHelpers

/// Decides which tags a source sees of those that its own batching window brings. The service looks once, when it begins: two copies that run side by side
/// may both pass, and only what was committed before is sure to be seen.
final class TagRace: Sendable {
    private struct State {
        var random: SeededRandom
        var lost = 0
    }

    private let settings: SettingsBox
    private let state: NIOLockedValueBox<State>

    init(_ settings: SettingsBox, seed: UInt64) {
        self.settings = settings
        state = NIOLockedValueBox(State(random: SeededRandom(seed: seed ^ 0x7461_6772)))
    }

    /// How many sources landed beside another of their tag.
    var landedTwice: Int { state.withLockedValue { $0.lost } }

    /// Whether the source is kept out. `committed` are the tags from before its window, `current` those of the window too.
    func keepsOut(_ wanted: [String], committed: Set<String>, current: Set<String>) -> Bool {
        guard committed.isDisjoint(with: wanted) else { return true }
        guard !current.isDisjoint(with: wanted) else { return false }
        let percent = settings.now.tagRacePercent
        return state.withLockedValue { state in
            guard Double.random(in: 0..<100, using: &state.random) < percent else { return true }
            state.lost += 1
            return false
        }
    }
}
