import IngestionEngine
import SpoolDirectory

/// The hints of a spool: to whichever incarnation of the engine listens, or to nobody.
final class ToldHintsBox {
    var hints: ToldHints?

    func tell(_ name: String, _ hint: Completeness.Hint) {
        guard let name = FileName(name) else { return }
        hints?.tell([WatchHint(directory: .root, name: name, hint: hint)])
    }
}
