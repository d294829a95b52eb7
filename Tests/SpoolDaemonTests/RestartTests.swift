import Glibc
import SpoolDaemon
import SpoolTestSupport
import SystemTestSupport
import Testing

/// What an ended daemon leaves in its successor's way: nothing.
@Suite struct RestartTests {
    @Test(
        "a daemon that has ended holds no lock: started again at once, two hundred times, it is never refused", .serialized,
        arguments: [false, true])
    func restarts(besideAStormOfChildren: Bool) async throws {
        try await SystemFixture.with { system in
            guard besideAStormOfChildren else { return try await restart(system) }
            try await SpawnStorm.with { storm in
                try await restart(system)
                #expect(storm.count > 200)
            }
        }
    }

    private func restart(_ system: SystemFixture) async throws {
        var refusals: [String] = []
        for cycle in 0..<200 {
            do {
                try await system.running { _ in }
                // Nearer than any successor's own look: not a moment after the end.
                for path in ["spool/.active/.lock", "state/lock"] where try Self.isLocked(system.directory.path(path)) {
                    refusals.append("\(path) after the end of daemon \(cycle)")
                }
            } catch let error as DaemonFailure where error.status == .locked {
                refusals.append(error.description)
            }
        }
        #expect(refusals.isEmpty, "\(refusals.count) refusals, such as \(refusals.first ?? "")")
    }

    /// Whether anybody holds the lock.
    private static func isLocked(_ path: String) throws -> Bool {
        let file = open(path, O_RDWR | O_CLOEXEC)
        if file < 0 { throw TestSupportError("open \(path): \(errno)") }
        defer { close(file) }
        if flock(file, LOCK_EX | LOCK_NB) != 0 { return true }
        // Not by closing it alone, which would leave the lock to a child that holds it, too.
        flock(file, LOCK_UN)
        return false
    }
}
