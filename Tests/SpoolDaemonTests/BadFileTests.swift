import Gzip
import KustoEmulator
import SpoolDirectory
import SpoolTestSupport
import SystemTestSupport
import Testing

/// Files that are not what they should be: one row a case.
@Suite struct BadFileTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var name: String
        var contents: @Sendable () -> [UInt8]
        var format = "csv"
        var options: [String] = []
        var verdict: String
        var code: String?
        /// What the journal's reason has to say.
        var says: String = ""
        /// Whether the service ever hears of it.
        var isPosted = false
    }

    static let rows = [
        Row(testDescription: "an empty file", name: "x.csv", contents: { [] }, verdict: "skipped", code: "empty", says: "is empty"),
        Row(
            testDescription: "a gzip of nothing", name: "x.csv.gz", contents: { gzip([]) }, verdict: "skipped", code: "empty",
            says: "is empty"),
        Row(
            testDescription: "a gzip of nothing under a plain name", name: "x.csv", contents: { gzip([]) }, verdict: "skipped",
            code: "empty",
            says: "is empty"),
        Row(
            testDescription: "a gzip that was cut off", name: "x.csv.gz", contents: { gzip(rowsOfText).dropLast(9) + [] },
            verdict: "skipped",
            code: "damaged", says: "damaged or was cut off"),
        Row(
            testDescription: "a gzip with a flipped byte", name: "x.csv.gz",
            contents: {
                var bytes = gzip(rowsOfText)
                bytes[bytes.count / 2] ^= 0x55
                return bytes
            }, verdict: "skipped", code: "damaged", says: "damaged or was cut off"),
        Row(
            testDescription: "a gzip with a wrong checksum", name: "x.csv.gz",
            contents: {
                var bytes = gzip(rowsOfText)
                bytes[bytes.count - 6] ^= 0x55
                return bytes
            }, verdict: "skipped", code: "damaged", says: "damaged or was cut off"),
        Row(
            testDescription: "rubbish behind a gzip", name: "x.csv.gz", contents: { gzip(rowsOfText) + Array("rubbish".utf8) },
            verdict: "skipped",
            code: "damaged", says: "damaged or was cut off"),
        Row(
            testDescription: "a .gz name without gzip's bytes", name: "x.csv.gz", contents: { rowsOfText }, verdict: "skipped",
            code: "not_gzip",
            says: "ends in .gz"),
        Row(
            testDescription: "a .ZIP name without zip's bytes", name: "x.csv.ZIP", contents: { rowsOfText }, verdict: "skipped",
            code: "not_zip",
            says: "ends in .zip"),
        Row(
            testDescription: "csv where parquet should be", name: "x.parquet", contents: { rowsOfText }, format: "parquet",
            verdict: "skipped",
            code: "format_mismatch", says: "first bytes"),
        Row(
            testDescription: "one byte where avro should be", name: "x.avro", contents: { [0x4F] }, format: "avro", verdict: "skipped",
            code: "format_mismatch", says: "first bytes"),
        Row(
            testDescription: "a file above max_file_size", name: "x.csv", contents: { rowsOfText }, options: ["max_file_size: 100 B"],
            verdict: "skipped", code: "too_large", says: "max_file_size"),
        Row(
            testDescription: "a file of max_file_size", name: "x.csv", contents: { Array(rowsOfText.prefix(100)) },
            options: ["max_file_size: 100 B"], verdict: "succeeded", isPosted: true),
        Row(
            testDescription: "a gzip under a plain name", name: "x.csv", contents: { gzip(rowsOfText) }, verdict: "succeeded",
            isPosted: true),
        Row(
            testDescription: "two gzip members", name: "x.csv.gz", contents: { gzip(rowsOfText) + gzip(rowsOfText) }, verdict: "succeeded",
            isPosted: true),
        Row(testDescription: "one newline", name: "x.csv", contents: { [0x0A] }, verdict: "failed", isPosted: true),
        Row(
            testDescription: "ragged csv", name: "x.csv", contents: { Array("a,1\nb\n".utf8) }, verdict: "failed",
            code: "Stream_WrongNumberOfFields", isPosted: true),
        Row(
            testDescription: "malformed json", name: "x.json", contents: { Array("{\"a\": 1,".utf8) }, format: "multijson",
            verdict: "failed",
            isPosted: true),
    ]

    private static let rowsOfText = Array((0..<100).map { "row,\($0)\n" }.joined().utf8)

    private static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        let compressor = GzipCompressor()
        var packed: [UInt8] = []
        bytes.withUnsafeBytes { compressor.compress($0, appendingTo: &packed) }
        _ = compressor.finish(appendingTo: &packed)
        return packed
    }

    @Test("a file gets the verdict that it deserves, with its reason, and the next one is ingested", arguments: rows)
    func row(_ row: Row) async throws {
        let route = SystemFixture.Route(table: "Bad", format: row.format, options: row.options)
        try await SystemFixture.with(routes: [route, SystemFixture.Route("other", table: "Good")]) { system in
            let contents = row.contents()
            let (events, logged) = try await system.running { daemon in
                if let name = FileName(row.name) { system.drop(contents, named: name) }
                _ = try await daemon.events("the verdict of \(row.name)") { $0.verdict(of: row.name) != nil }
                system.drop("good,1\n", as: "good.csv", into: "other")
                return (try await daemon.events("good.csv's verdict") { $0.verdict(of: "good.csv") != nil }, daemon.logged)
            }
            let verdict = try #require(events.verdict(of: row.name))
            #expect(verdict.name == row.verdict)
            if let code = row.code { #expect(verdict.code == code) }
            #expect((verdict.reason ?? "").contains(row.says), "\(verdict.reason ?? "no reason")")
            #expect(events.verdict(of: "good.csv")?.name == "succeeded")
            #expect(system.emulator.receivedMessages.count == (row.isPosted ? 2 : 1))
            let isGood = row.verdict == "succeeded"
            Aftermath.expectOnce(contents, in: isGood ? "done/" : "failed/\(row.name)", system)
            #expect((system.directory.read("spool/failed/.reasons/\(row.name).json") == nil) == isGood)
            try Aftermath.check(system, events, logged: logged)
        }
    }
}
