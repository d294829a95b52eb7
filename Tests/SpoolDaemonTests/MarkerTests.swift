import IngestionEngine
import KustoEmulator
import SpoolDirectory
import SpoolTestSupport
import SystemTestSupport
import Testing

/// Files that are complete when their marker exists.
@Suite struct MarkerTests {
    /// How the second file's marker comes while the first one's still stands.
    enum Arrival: String, Sendable, CaseIterable {
        case isRenamedOver
        case isWrittenInPlace
    }

    private static let file = TemporaryDirectory.relative("spool/x.csv")
    private static let marker = TemporaryDirectory.relative("spool/x.csv.done")

    @Test(
        "the marker of the next file of a name, come between the claim and the removal of the first one's, stands until its own file is taken",
        arguments: Arrival.allCases)
    func nextMarker(_ arrival: Arrival) async throws {
        try await SystemFixture.with(routes: [SystemFixture.Route(options: ["complete: { marker: .done }"])]) { system in
            let isDone = Flag()
            let hooks = EngineHooks { point in
                guard point == .claimCommitted, !isDone.isSet else { return }
                isDone.set()
                system.drop("second,2\n", as: "x.csv")
                switch arrival {
                case .isRenamedOver: system.drop("", as: "x.csv.done")
                case .isWrittenInPlace: system.directory.overwrite(Self.marker, with: Array("again".utf8))
                }
            }
            system.drop("first,1\n", as: "x.csv")
            system.drop("", as: "x.csv.done")
            system.directory.age(Self.file, by: 100)
            system.directory.age(Self.marker, by: 50)
            let (events, logged) = try await system.running(hooks: hooks) { daemon in
                (try await daemon.verdicts(2, deadline: .seconds(20)), daemon.logged)
            }
            #expect(isDone.isSet && events.verdicts.map(\.name) == ["succeeded", "succeeded"])
            let rows = try system.emulator.rows("Test", "T").map { $0.texts.first ?? nil }
            #expect(Set(rows) == ["first", "second"] && rows.count == 2)
            // Each marker went with its own file.
            #expect(!system.directory.names(in: "spool").contains { $0.displayText.hasPrefix("x.csv") })
            #expect(system.directory.names(in: "spool/.active").map(\.displayText) == [".lock"])
            try Aftermath.check(system, events, logged: logged)
        }
    }
}
