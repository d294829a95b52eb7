import Gzip
import SpoolPrimitives
import SpoolTestSupport
import Testing

@Suite struct GzipCompressorTests {
    @Test("input of any size, in parts of any size, comes back", arguments: GzipCompressor.Engine.available)
    func roundTrip(engine: GzipCompressor.Engine) {
        var random = SeededRandom()
        let compressor = GzipCompressor(engine)
        for round in 0..<60 {
            let size = Int.random(in: 0...(round < 55 ? 20_000 : 1_500_000), using: &random)
            let raw = Bool.random(using: &random) ? random.compressible(size) : random.incompressible(size)
            var packed: [UInt8] = []
            var start = 0
            while start < size {
                let part = min(size - start, Int.random(in: 1...max(1, size), using: &random))
                raw[start..<start + part].withUnsafeBytes { compressor.compress($0, appendingTo: &packed) }
                start += part
            }
            #expect(compressor.rawCount == ByteCount(size))
            #expect(compressor.finish(appendingTo: &packed) == ByteCount(size))
            #expect(compressor.rawCount == .zero)
            let isSame = Gunzip.unpack(packed) == raw
            #expect(isSame, "seed \(random.seed), round \(round), size \(size)")
        }
    }

    @Test("output is appended behind what is there", arguments: GzipCompressor.Engine.available)
    func appends(engine: GzipCompressor.Engine) {
        let compressor = GzipCompressor(engine)
        var output: [UInt8] = [1, 2, 3]
        Array("hello".utf8).withUnsafeBytes { compressor.compress($0, appendingTo: &output) }
        compressor.finish(appendingTo: &output)
        #expect(Array(output.prefix(3)) == [1, 2, 3])
        let isSame = Gunzip.unpack(Array(output.dropFirst(3))) == Array("hello".utf8)
        #expect(isSame)
    }

    @Test("text shrinks, noise grows by little", arguments: GzipCompressor.Engine.available)
    func ratio(engine: GzipCompressor.Engine) {
        var random = SeededRandom()
        let compressor = GzipCompressor(engine)
        for (raw, most) in [(random.compressible(1_000_000), 500_000), (random.incompressible(1_000_000), 1_002_000)] {
            var packed: [UInt8] = []
            raw.withUnsafeBytes { compressor.compress($0, appendingTo: &packed) }
            compressor.finish(appendingTo: &packed)
            #expect(packed.count < most, "seed \(random.seed)")
        }
    }

    @Test("a member that was given up leaves nothing in the next one", arguments: GzipCompressor.Engine.available)
    func resetForgets(engine: GzipCompressor.Engine) {
        var random = SeededRandom()
        let compressor = GzipCompressor(engine)
        var abandoned: [UInt8] = []
        random.compressible(500_000).withUnsafeBytes { compressor.compress($0, appendingTo: &abandoned) }
        compressor.reset()
        #expect(compressor.rawCount == .zero)
        var packed: [UInt8] = []
        let raw = random.compressible(10_000)
        raw.withUnsafeBytes { compressor.compress($0, appendingTo: &packed) }
        compressor.finish(appendingTo: &packed)
        let isSame = Gunzip.unpack(packed) == raw
        #expect(isSame, "seed \(random.seed)")
    }

    @Test("gzip(1) accepts what was made, and refuses it when a byte is changed", arguments: GzipCompressor.Engine.available)
    func acceptedByGzip(engine: GzipCompressor.Engine) async throws {
        try TemporaryDirectory.with { scratch in
            let directory = scratch.path
            var random = SeededRandom()
            for (number, size) in [0, 1, 4096, 2_000_000].enumerated() {
                let compressor = GzipCompressor(engine)
                var packed: [UInt8] = []
                random.compressible(size).withUnsafeBytes { compressor.compress($0, appendingTo: &packed) }
                compressor.finish(appendingTo: &packed)
                let path = "\(directory)/\(number).gz"
                try TextFile.write(packed, to: path)
                try Command.run("gzip", "-t", path)
                packed[packed.count - 5] ^= 1
                try TextFile.write(packed, to: path)
                #expect(throws: TestSupportError.self) { try Command.run("gzip", "-t", path) }
            }
        }
    }
}
