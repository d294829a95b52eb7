import GRDB
import KustoEmulator
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// A system that has been used and is at rest: a.csv succeeded, bad.csv failed, and c.csv waits for its verdict; the daemon is down.
struct FsckFixture: Sendable {
    let system: SystemFixture
    /// The ledger's UUID.
    let uuid: String
    /// The claim that c.csv is in.
    let claim: String

    var directory: TemporaryDirectory { system.directory }

    static func with(_ body: (FsckFixture) async throws -> Void) async throws {
        try await SystemFixture.with { system in
            try await system.running { daemon in
                system.drop("a,1\n", as: "a.csv")
                system.drop("a,1\nb\n", as: "bad.csv")
                _ = try await daemon.verdicts(2)
                system.emulator.holdNotifications()
                system.drop("c,1\n", as: "c.csv")
                _ = try await daemon.events("c.csv in the queue") { $0.of(file: "c.csv").contains { $0.name == "queued" } }
            }
            let claim = try #require(system.directory.names(in: "spool/.active").first { !$0.isHidden }?.displayText)
            let uuid = String(decoding: system.directory.read("spool/.spool") ?? [], as: UTF8.self).trimmingNewline
            try await body(FsckFixture(system: system, uuid: uuid, claim: claim))
        }
    }

    /// The names of what is found, notes too, each once.
    func check(_ words: String...) async throws -> (status: Int32, names: [String], object: JSONValue) {
        let result = try await Program.run(["fsck", "--json"] + words + ["-c", system.configurationPath], in: directory)
        let object: JSONValue
        do { object = try JSONValue(parsing: Array(result.output.utf8)) } catch {
            throw TestSupportError("fsck ended with \(result.status) and said: \(result.output)\(result.errors)")
        }
        let names = object["differences"]?.elements?.compactMap { $0["name"]?.text } ?? []
        return (result.status, Array(Set(names)).sorted(), object)
    }

    /// Changes the ledger as no daemon would.
    func ledger(_ statements: String...) throws {
        let queue = try DatabaseQueue(path: directory.path("state/ledger.sqlite"))
        try queue.writeWithoutTransaction { db in
            for sql in statements { try db.execute(sql: sql) }
        }
        try queue.close()
    }

    /// The lines of the journal, without their newlines.
    func journal() -> [String] {
        String(decoding: directory.read("log/journal.ndjson") ?? [], as: UTF8.self).split(separator: "\n").map(String.init)
    }

    func write(journal lines: [String]) { directory.write(lines.map { $0 + "\n" }.joined(), to: "log/journal.ndjson") }

    /// Changes the event of a file's line.
    func rename(event: String, of file: String, to other: String) {
        write(
            journal: journal().map { line in
                line.contains("\"file\":\"\(file)\"") ? line.replacing("\"event\":\"\(event)\"", with: "\"event\":\"\(other)\"") : line
            })
    }

    /// The files of the spool, but for the lock, which says who holds it.
    func files() -> [RelativePath: [UInt8]] { system.files().filter { !$0.key.displayText.hasSuffix(".lock") } }

    /// Where in done/ a.csv is.
    func done() throws -> RelativePath {
        let day = try #require(directory.names(in: "spool/done").first)
        return TemporaryDirectory.relative("spool/done/\(day.displayText)/a.csv")
    }
}

extension String {
    fileprivate var trimmingNewline: String { hasSuffix("\n") ? String(dropLast()) : self }
}
