import Gzip
import IngestionEngine
import IngestionModel
import KustoWire
import Ledger
import OpenSSLCrypto
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import Testing

/// Many files into one blob (protocol.md §3.3), on real claimed files.
@Suite struct CoalescedReaderTests {
    private struct Read {
        var blob: [UInt8] = []
        var blocks = 0
        var rawSize: Int64?
        var isEmpty = false
        var separations: [Separation] = []
    }

    /// Claims the files, lets `meddle` do something to them, and reads them as one source.
    private func read(
        _ files: [(name: String, contents: [UInt8])], hasHeader: Bool = false, compresses: Bool = true, blockSize: Int = 1 << 20,
        _ meddle: (TemporaryDirectory, ClaimName) -> Void = { _, _ in }
    ) throws -> Read {
        try TemporarySpool.with { temporary in
            let spool = try temporary.open()
            for file in files { temporary.root.write(file.contents, to: RelativePath([try #require(FileName(file.name))])) }
            let claim = ClaimName(ledger: TemporarySpool.owner, counter: 1)
            let claimed = try spool.claim(files.compactMap { FileName($0.name) }, into: claim).files
            let segments = claimed.map { file in
                Segment(
                    LedgerFile(
                        claim: claim.text, directory: "", name: file.name.displayText, size: file.identity.size,
                        modified: file.identity.modified, changed: file.identity.changed, inode: file.identity.inode))
            }
            meddle(temporary.root, claim)
            let reader = CoalescedReader(
                SegmentManifest(segments: segments), of: spool, joining: .records(separator: UInt8(ascii: ",")), hasHeader: hasHeader,
                compresses: compresses,
                blockSize: ByteCount(blockSize), compressors: GzipCompressorPool(keeping: 1))
            var read = Read()
            while true {
                let block = try reader.next()
                #expect(block.md5 == MD5Digest(of: block.bytes) && block.bytes.count <= blockSize)
                read.blob += block.bytes
                read.blocks += 1
                if block.isLast { break }
            }
            #expect(reader.digest == MD5Digest(of: read.blob) && reader.sentCount == Int64(read.blob.count))
            #expect(reader.encoding == (compresses ? .gzip : .plain))
            read.rawSize = reader.rawSize
            read.isEmpty = reader.isEmpty
            read.separations = reader.separations
            return read
        }
    }

    private static func text(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test("the blob is the files one behind the other, in blocks or not, compressed or not", arguments: [true, false], [100, 1 << 20])
    func joined(compresses: Bool, blockSize: Int) throws {
        let files = (0..<50).map { (name: "f\($0).csv", contents: Self.text("f\($0),\"x\ny\"\n")) }
        let result = try read(files, compresses: compresses, blockSize: blockSize)
        let whole = files.flatMap(\.contents)
        #expect(compresses ? Gunzip.unpack(result.blob) == whole : result.blob == whole)
        #expect(result.rawSize == Int64(whole.count) && result.separations.isEmpty && !result.isEmpty)
        #expect((result.blocks > 1) == (blockSize == 100))
    }

    @Test("headers are left out, and the raw size is that of the rest")
    func headers() throws {
        let result = try read(
            [("a", Self.text("h,i\n1,2\n")), ("b", Self.text("h,i\n3,4\n")), ("c", Self.text("other\n5\n"))], hasHeader: true)
        #expect(Gunzip.unpack(result.blob) == Self.text("1,2\n3,4\n"))
        #expect(result.rawSize == 8)
        #expect(result.separations.map(\.index) == [2] && result.separations.map(\.code) == ["other_header"])
    }

    @Test("a file that is not as it was claimed, or that must not stand between others, is left out whole and named")
    func leftOut() throws {
        let files = [
            ("good", "1,2\n"), ("open", "1,\"2\n"), ("changed", "3,4\n"), ("gone", "5,6\n"), ("cut", "7,8"), ("last", "9,9\n"),
        ].map { (name: $0.0, contents: Self.text($0.1)) }
        let result = try read(files) { root, claim in
            root.write("3,4\n5,5\n", to: ".active/\(claim)/changed")
            root.removeFile(TemporaryDirectory.relative(".active/\(claim)/gone"))
        }
        #expect(Gunzip.unpack(result.blob) == Self.text("1,2\n9,9\n"))
        #expect(result.separations.map(\.index) == [1, 2, 3, 4])
        #expect(result.separations.map(\.code) == ["open_quote", "changed", "vanished", "no_final_newline"])
        #expect(result.separations.allSatisfy { !$0.reason.isEmpty })
    }

    @Test("where not one file can go into the blob, there is none to be posted")
    func nothing() throws {
        let result = try read([("a", Self.text("1,2")), ("b", Self.text("\"\n"))])
        #expect(result.isEmpty && result.rawSize == 0)
    }
}

/// Which files of a claim come together.
@Suite struct CoalescingRulesTests {
    private static func file(_ name: String, _ size: Int64) -> LedgerFile {
        LedgerFile(claim: "c", directory: "", name: name, size: size, modified: 1, changed: 1, inode: 1)
    }

    private static func parts(_ files: [(String, Int64)], _ rules: CoalescingRules) -> (alone: [String], wholes: [[String]]) {
        let (alone, wholes) = rules.part(files.map { file($0.0, $0.1) })
        return (alone.map(\.name), wholes.map { $0.map(\.name) })
    }

    @Test("wholes keep to their bounds, and one file is no whole")
    func bounds() {
        let files = (0..<7).map { ("f\($0)", Int64(40)) }
        let byCount = Self.parts(files, CoalescingRules(maximumFiles: 3))
        #expect(byCount.wholes == [["f0", "f1", "f2"], ["f3", "f4", "f5"]] && byCount.alone == ["f6"])
        let byBytes = Self.parts(files, CoalescingRules(maximumBytes: ByteCount(100)))
        #expect(byBytes.wholes == [["f0", "f1"], ["f2", "f3"], ["f4", "f5"]] && byBytes.alone == ["f6"])
        #expect(Self.parts([], CoalescingRules()).wholes.isEmpty)
    }

    @Test("empty, large and compressed files travel alone")
    func alone() {
        let limit = CoalescingRules.largestFile.bytes
        let files: [(String, Int64)] = [
            ("a.csv", 1), ("empty.csv", 0), ("b.csv.gz", 5), ("c.csv.zip", 5), ("d.csv.GZ", 5), ("large.csv", limit + 1), ("e.csv", limit),
        ]
        let parts = Self.parts(files, CoalescingRules())
        #expect(parts.wholes == [["a.csv", "e.csv"]])
        #expect(parts.alone == ["empty.csv", "b.csv.gz", "c.csv.zip", "d.csv.GZ", "large.csv"])
    }
}
