import Gzip
import SpoolPrimitives
import SpoolTestSupport
import Testing

@Suite struct GunzipInspectorTests {
    private func packed(_ raw: [UInt8]) -> [UInt8] {
        let compressor = GzipCompressor()
        var packed: [UInt8] = []
        raw.withUnsafeBytes { compressor.compress($0, appendingTo: &packed) }
        compressor.finish(appendingTo: &packed)
        return packed
    }

    private func size(of file: [UInt8], partSize: Int) throws -> ByteCount {
        let inspector = GunzipInspector()
        for start in stride(from: 0, to: file.count, by: partSize) {
            try file.withUnsafeBytes { bytes in
                try inspector.inspect(UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + partSize, file.count)]))
            }
        }
        return try inspector.finish()
    }

    @Test("the size is that of all members together, however the file comes in", arguments: [1, 7, 4096, 10_000_000])
    func sizes(partSize: Int) throws {
        var random = SeededRandom()
        let members = [random.compressible(0), random.compressible(200_000), random.incompressible(3000), random.compressible(1)]
        for (count, expected) in [(1, 0), (2, 200_000), (3, 203_000), (4, 203_001)] {
            let file = Array(members.prefix(count).map(packed).joined())
            #expect(try size(of: file, partSize: partSize) == ByteCount(expected), "seed \(random.seed)")
        }
    }

    @Test("zeros behind the data are padding")
    func padding() throws {
        let file = packed(Array("hello".utf8)) + [0, 0, 0, 0]
        #expect(try size(of: file, partSize: 1) == ByteCount(5))
    }

    @Test("what is no whole gzip file is refused, and the reason is the right one")
    func refused() {
        let good = packed(Array("hello, hello, hello".utf8))
        var damaged = good
        damaged[good.count - 6] ^= 0xFF
        let table: [([UInt8], String)] = [
            (Array("plain text".utf8), "not a gzip file"), ([], "ends before"), (Array(good.dropLast(3)), "ends before"),
            (Array(good.prefix(4)), "ends before"), (good + Array("tail".utf8), "follows the data"),
            (good + [0, 0] + good, "follows the data"),
            (damaged, "damaged"),
        ]
        for (file, words) in table {
            for partSize in [1, 1000] {
                do {
                    let found = try size(of: file, partSize: partSize)
                    Issue.record("taken for a gzip file of \(found)")
                } catch {
                    #expect("\(error)".contains(words))
                }
            }
        }
    }

    @Test("an inspector is used again after a damaged file")
    func reuse() throws {
        let inspector = GunzipInspector()
        #expect(throws: GunzipError.notGzip) { try Array("plain text".utf8).withUnsafeBytes { try inspector.inspect($0) } }
        inspector.reset()
        try packed([1, 2, 3]).withUnsafeBytes { try inspector.inspect($0) }
        #expect(try inspector.finish() == ByteCount(3))
    }
}
