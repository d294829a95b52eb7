import Glibc
import IngestionModel
import KustoWire
import Ledger
import SpoolDaemon
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport

/// Makes, by hand, what a crash leaves: a file in a place, a row in a state.
struct StartState {
    static let ownPID = getpid()
    private static let uuid = "11111111-2222-4333-8444-555555555555"
    private static let whole = "a,1\n"
    /// Whether the start posts the file's message, so that its row lands.
    let isPostedNow: Bool

    /// - Parameter now: when the crash was.
    static func prepare(
        _ system: SystemFixture, _ item: StartTests.Case, at now: Timestamp = SystemTime().wallNow
    ) async throws -> StartState {
        let claim = "\(uuid)-900"
        let ledger = try Ledger.open(path: system.directory.path("state/ledger.sqlite"), makeIdentity: { (uuid, 7) }, hasEvents: {})
        defer { ledger.close() }
        let route = RouteOfSpool(database: "Test", table: "T", deletesOnSuccess: false, verdictDeadline: .seconds(3600))
        let spool = try await ledger.register(spool: system.directory.path("spool"), route: route)
        place(system, claim: claim, contents: whole)
        let path = "spool/.active/\(claim)/x.csv"
        if let events = item.events {
            let file = try identity(of: system.directory.path(path), claim: claim)
            _ = try await ledger.commit(.claimed(ClaimedBatch(spool: spool, files: [file], at: now)))
            for event in events { _ = try await ledger.commit(.source(change(event, at: now))) }
        }
        try move(system, from: path, item, at: now)
        let isPosted = item.journal.contains("queued") && !(item.events ?? []).contains(.postAccepted)
        return StartState(isPostedNow: isPosted)
    }

    /// Puts the file into a claim's directory.
    static func place(_ system: SystemFixture, claim: String, contents: String) {
        system.directory.makeDirectory("spool/.active", mode: 0o700)
        system.directory.makeDirectory("spool/.active/\(claim)", mode: 0o700)
        system.directory.write(contents, to: "spool/.active/\(claim)/x.csv")
    }

    private static func move(_ system: SystemFixture, from path: String, _ item: StartTests.Case, at now: Timestamp) throws {
        if item.contents != whole { system.directory.write(item.contents, to: path) }
        guard let place = item.place else { return system.directory.removeFile(TemporaryDirectory.relative(path)) }
        if place.hasPrefix("{claim}") { return }
        let target = place.replacing("{today}", with: UTCDate(now).text)
            .replacing("{yesterday}", with: UTCDate(now - .seconds(86_400)).text)
        var made = "spool"
        for part in target.split(separator: "/").dropLast() {
            made += "/\(part)"
            system.directory.makeDirectory(made, mode: 0o750)
        }
        system.directory.rename(TemporaryDirectory.relative(path), to: TemporaryDirectory.relative("spool/\(target)"))
    }

    private static func change(_ event: SourceEvent, at now: Timestamp) -> SourceChange {
        var change = SourceChange(row: 1, event, at: now, deadline: now + .seconds(3600))
        if event == .posting {
            // A blob that is too old to be posted again: whatever is posted is read from the file.
            change.blob = UploadedBlob(
                container: "http://127.0.0.1:9/gone", attempt: UploadAttempt(run: 1, number: 1), encoding: .gzip, rawSize: 4, sentSize: 24,
                md5: [UInt8](repeating: 0, count: 16), uploadedAt: now)
            change.properties = IngestionProperties(database: "Test", table: "T", format: .csv)
        }
        return change
    }

    private static func identity(of path: String, claim: String) throws -> LedgerFile {
        var status = stat()
        guard stat(path, &status) == 0 else { throw TestSupportError("stat \(path): \(SystemErrno.current)") }
        func nanoseconds(_ time: timespec) -> Int64 { Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec) }
        return LedgerFile(
            claim: claim, directory: "", name: "x.csv", size: Int64(status.st_size), modified: nanoseconds(status.st_mtim),
            changed: nanoseconds(status.st_ctim), inode: UInt64(status.st_ino))
    }
}
