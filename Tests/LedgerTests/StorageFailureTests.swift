import GRDB
import Glibc
import IngestionModel
import Ledger
import SpoolPrimitives
import SpoolTestSupport
import Testing

/// A write or a flush that failed says nothing of what is on disk (protocol.md §7).
@Suite struct StorageFailureTests {
    @Test("after a commit that storage failed nothing is stored any more, although storage would take it; queries are still answered")
    func latches() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                _ = try await ledger.claim(["before"], spool)
                let log = try #require(Self.descriptor(of: fixture.path + "-wal"), "the write-ahead log is not open")
                let repair = try Self.breakWriting(to: log, of: fixture.path + "-wal")
                let first = await #expect(throws: LedgerError.self) { try await ledger.claim(["during"], spool) }
                #expect(first?.reason == .storageFailed)
                repair()
                let commits = ledger.commitCount
                for name in ["after", "later"] {
                    let error = await #expect(throws: LedgerError.self) { try await ledger.claim([name], spool) }
                    #expect(error?.reason == .storageFailed && error?.detail == first?.detail)
                }
                let route = RouteOfSpool(database: "D", table: "T", deletesOnSuccess: false, verdictDeadline: .seconds(60))
                let refused = await #expect(throws: LedgerError.self) { try await ledger.register(spool: "/another", route: route) }
                #expect(refused?.reason == .storageFailed)
                #expect(ledger.commitCount == commits)
                #expect(try await ledger.counts()[.fresh] == 1)
                #expect(try await ledger.row(1)?.file.name == "before")
                // Nothing but the latch kept them: another connection writes.
                try fixture.database { try $0.execute(sql: "INSERT INTO spools (path) VALUES ('/by another hand')") }
            }
            // The next process stores again, and goes on with what was stored.
            try await fixture.open { ledger, spool in
                _ = try await ledger.claim(["next"], spool)
                #expect(try await ledger.counts()[.fresh] == 2)
                #expect(try await ledger.outbox(limit: .mebibytes(1)).isGapless)
            }
        }
    }

    /// The descriptor by which this process holds a file open for writing.
    private static func descriptor(of path: String) -> Int32? {
        for number in Int32(0)..<4096 {
            var target = [CChar](repeating: 0, count: 4096)
            let count = readlink("/proc/self/fd/\(number)", &target, target.count)
            guard count > 0, String(decoding: target.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self) == path else { continue }
            if fcntl(number, F_GETFL) & O_ACCMODE == O_RDWR { return number }
        }
        return nil
    }

    /// Puts a descriptor that only reads in the place of one that writes: every write fails from now on, every read goes on.
    ///
    /// - Returns: what puts the old one back.
    private static func breakWriting(to descriptor: Int32, of path: String) throws -> () -> Void {
        let saved = dup(descriptor)
        let readOnly = open(path, O_RDONLY | O_CLOEXEC)
        guard saved >= 0, readOnly >= 0, dup2(readOnly, descriptor) == descriptor else {
            throw TestSupportError("the descriptor cannot be replaced: \(errno)")
        }
        close(readOnly)
        return {
            dup2(saved, descriptor)
            close(saved)
        }
    }
}
