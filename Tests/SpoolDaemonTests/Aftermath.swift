import SpoolDirectory
import SpoolPrimitives
import SystemTestSupport
import Testing

/// What must hold after every case of bad input, whatever it was.
enum Aftermath {
    /// The journal has no gap, and no secret stands anywhere.
    static func check(
        _ system: SystemFixture, _ events: JournalEvents, logged: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(events.isGapless, sourceLocation: sourceLocation)
        let found = try SecretSearch.findings(in: system.directory, logged: logged)
        #expect(found == [], sourceLocation: sourceLocation)
    }

    /// P1: the bytes stand in exactly one place, which begins with `place` (`done/`, `failed/`, or a name in the root).
    static func expectOnce(
        _ bytes: [UInt8], in place: String, _ system: SystemFixture, spool: String = "spool",
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let places = system.files(in: spool).filter { $0.value == bytes }.map { String($0.key.displayText.dropFirst(spool.count + 1)) }
        #expect(places.count == 1 && places[0].hasPrefix(place), "\(places) instead of \(place)", sourceLocation: sourceLocation)
    }
}
