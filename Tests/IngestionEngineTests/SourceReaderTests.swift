import Gzip
import IngestionEngine
import IngestionModel
import KustoWire
import OpenSSLCrypto
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import Testing

/// Reading, compressing and cutting a file into blocks (protocol.md §3.3), on real claimed files.
@Suite struct SourceReaderTests {
    private static let block = 64 << 10

    private struct Result {
        var blocks: [[UInt8]] = []
        var encoding = BlobEncoding.plain
        var rawSize: Int64?
        var sentCount: Int64 = 0
        var md5: MD5Digest
    }

    /// Claims a file with these bytes and reads it; `meddle` may change it after the first block.
    private func read(
        _ contents: [UInt8], name: String = "x.csv", format: DataFormat = .csv, compresses: Bool = true,
        meddle: (TemporaryDirectory, String) -> Void = { _, _ in }
    ) throws -> Result {
        try withReader(of: contents, name: name, format: format, compresses: compresses) { reader, root, path in
            var blocks: [[UInt8]] = []
            while true {
                let block = try reader.next()
                #expect(block.md5 == MD5Digest(of: block.bytes))
                blocks.append(block.bytes)
                if block.isLast { break }
                if blocks.count == 1 { meddle(root, path) }
                // Kept above all the same: what is given back while somebody holds it must stay as it is.
                reader.giveBack(block.bytes)
            }
            return Result(
                blocks: blocks, encoding: reader.encoding, rawSize: reader.rawSize, sentCount: reader.sentCount, md5: reader.digest)
        }
    }

    /// Claims a file with these bytes and opens it; `body` also gets the spool's root and the claimed file's path below it.
    private func withReader<Value>(
        of contents: [UInt8], name: String = "x.csv", format: DataFormat = .csv, compresses: Bool = true,
        _ body: (SourceReader, TemporaryDirectory, String) throws -> Value
    ) throws -> Value {
        try TemporarySpool.with { temporary in
            let spool = try temporary.open()
            let fileName = try #require(FileName(name))
            temporary.root.write(contents, to: RelativePath([fileName]))
            let claim = ClaimName(ledger: TemporarySpool.owner, counter: 1)
            let file = try #require(try spool.claim([fileName], into: claim).files.first)
            guard case .unchanged(let opened) = try OpenClaimedFile.open(spool, claim, fileName, expecting: file.identity) else {
                throw TestSupportError("the file changed")
            }
            let reader = try SourceReader(
                opened, name: name, format: format, compresses: compresses, blockSize: ByteCount(Self.block),
                compressors: GzipCompressorPool(keeping: 1))
            return try body(reader, temporary.root, ".active/\(claim)/\(name)")
        }
    }

    @Test("a block that was sent lends its memory to one that comes after it")
    func memoryOfBlocks() throws {
        var random = SeededRandom(seed: 6)
        let contents = random.incompressible(1 << 20)
        try withReader(of: contents, compresses: false) { reader, _, _ in
            func address(_ bytes: [UInt8]) -> UInt { bytes.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) } }
            var used: Set<UInt> = []
            var thieves: [[UInt8]] = []
            var count = 0
            var isOver = false
            func nextBytes() throws -> [UInt8] {
                let block = try reader.next()
                used.insert(address(block.bytes))
                (count, isOver) = (count + 1, block.isLast)
                return block.bytes
            }
            while !isOver {
                // No name for the block here: a second reference would keep its memory from being used again.
                reader.giveBack(try nextBytes())
                // Would get what the allocator had been given.
                var thief: [UInt8] = []
                thief.reserveCapacity(320 << 10)
                thieves.append(thief)
            }
            #expect(count == 16)
            #expect(used.count <= 2, "\(used.count) pieces of memory for one block at a time")
        }
    }

    @Test(
        "whatever the size, the blocks together are the file, none is larger than a block, and the sizes and the digest are those of the bytes",
        arguments: [1, 2, block - 1, block, block + 1, 2 * block, 5 * block + 3, 1 << 20], [true, false])
    func sizes(size: Int, compresses: Bool) throws {
        var random = SeededRandom(seed: UInt64(size))
        let contents = random.incompressible(size)
        let result = try read(contents, compresses: compresses)
        let blob = result.blocks.flatMap { $0 }
        #expect(compresses ? Gunzip.unpack(blob) == contents : blob == contents)
        #expect(result.encoding == (compresses ? .gzip : .plain))
        #expect(result.blocks.allSatisfy { $0.count <= Self.block })
        #expect(result.blocks.dropLast().allSatisfy { $0.count == Self.block })
        #expect(result.rawSize == Int64(size))
        #expect(result.sentCount == Int64(blob.count))
        #expect(result.md5 == MD5Digest(of: blob))
    }

    @Test(
        "gzip that the producer made goes up as it is, with the size that it unpacks to, whatever its name is",
        arguments: ["x.csv.gz", "x.csv"])
    func madeByProducer(name: String) throws {
        let contents = Array(repeating: UInt8(ascii: "a"), count: 300_000)
        let packed = try read(contents).blocks.flatMap { $0 }
        let result = try read(packed, name: name)
        #expect(result.blocks.flatMap { $0 } == packed)
        #expect(result.encoding == .gzip)
        #expect(result.rawSize == 300_000)
    }

    @Test(
        "what the name or the format says and the bytes deny is refused",
        arguments: [
            ("x.csv.gz", DataFormat.csv, Array("a,b\n".utf8), SkipReason.notGzip), ("x.zip", .csv, Array("a,b\n".utf8), .notZip),
            ("x.parquet", .parquet, Array("a,b\n".utf8), .formatMismatch), ("x.orc", .orc, Array("PAR1".utf8), .formatMismatch),
            ("x.avro", .avro, Array("{}".utf8), .formatMismatch), ("x.csv.gz", .csv, [0x1F, 0x8B, 8, 0, 0, 0], .damaged),
        ])
    func mismatches(name: String, format: DataFormat, contents: [UInt8], expected: SkipReason) throws {
        #expect {
            _ = try read(contents, name: name, format: format)
        } throws: { error in
            if case SourceReader.Failure.skipped(expected) = error { true } else { false }
        }
    }

    @Test(
        "binary formats are never compressed",
        arguments: [(DataFormat.parquet, "PAR1…"), (.orc, "ORC…"), (.avro, "Obj\u{1}…"), (.sstream, "any")])
    func binary(format: DataFormat, contents: String) throws {
        let result = try read(Array(contents.utf8), name: "x.bin", format: format)
        #expect(result.encoding == .plain)
        #expect(result.blocks.flatMap { $0 } == Array(contents.utf8))
    }

    @Test("a gzip of nothing is empty")
    func emptyGzip() throws {
        let nothing: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        #expect {
            _ = try read(nothing, name: "x.csv.gz")
        } throws: { error in
            if case SourceReader.Failure.skipped(.empty) = error { true } else { false }
        }
    }

    @Test("a file that changes while it is read yields no last block", arguments: ["grows", "shrinks", "is rewritten"])
    func changes(how: String) throws {
        var random = SeededRandom(seed: 1)
        let contents = random.incompressible(4 * Self.block)
        let changed: [UInt8]
        switch how {
        case "grows": changed = contents + [1]
        case "shrinks": changed = contents.dropLast()
        default: changed = contents.reversed()
        }
        #expect {
            _ = try read(contents) { directory, path in directory.overwrite(TemporaryDirectory.relative(path), with: changed) }
        } throws: { error in
            if case SourceReader.Failure.changed = error { true } else { false }
        }
    }
}
