import Gzip
import KustoEmulator
import SpoolDirectory
import SpoolTestSupport
import SystemTestSupport
import Testing

/// The first container refuses in mid-file and the second one takes the blob: the bytes that are posted are the file's bytes (P3). A published
/// SDK goes on from where the first attempt stopped reading, sends an empty blob, and reports success.
@Suite struct FailoverTests {
    struct Content: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var file: FileName?
        var options: [String] = []
        var isLarge: Bool
        /// The file, and what its blob has to be once it is unpacked.
        var make: @Sendable (inout SeededRandom) -> (file: [UInt8], raw: [UInt8])
        var isPacked = true
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var rule: FaultRule
        var isForLarge: Bool
    }

    private static let small = 20_000
    private static let large = 400_000

    static let contents = [
        Content(testDescription: "small, compressible", isLarge: false) { same($0.compressible(small)) },
        Content(testDescription: "small, incompressible", isLarge: false) { same($0.incompressible(small)) },
        Content(
            testDescription: "small, uncompressed", options: ["compression: none"], isLarge: false, make: { same($0.compressible(small)) },
            isPacked: false),
        Content(testDescription: "small, gzipped by its producer", file: FileName("x.csv.gz"), isLarge: false) {
            gzipped($0.compressible(small))
        },
        Content(testDescription: "blocks, compressible", isLarge: true) { same($0.compressible(large * 6)) },
        Content(testDescription: "blocks, incompressible", isLarge: true) { same($0.incompressible(large)) },
        Content(
            testDescription: "blocks, uncompressed", options: ["compression: none"], isLarge: true, make: { same($0.compressible(large)) },
            isPacked: false),
        Content(testDescription: "blocks, gzipped by its producer", file: FileName("x.csv.gz"), isLarge: true) {
            gzipped($0.incompressible(large))
        },
    ]

    static let faults = [
        Refusal(testDescription: "403 on Put Blob", rule: FaultRule(.blobPut, when: .nth(1), action: .reply(forbidden)), isForLarge: false),
        Refusal(
            testDescription: "403 on the first Put Block", rule: FaultRule(.blobBlock, when: .nth(1), action: .reply(forbidden)),
            isForLarge: true),
        Refusal(
            testDescription: "403 on the second Put Block", rule: FaultRule(.blobBlock, when: .nth(2), action: .reply(forbidden)),
            isForLarge: true),
        Refusal(
            testDescription: "403 on the fifth Put Block", rule: FaultRule(.blobBlock, when: .nth(5), action: .reply(forbidden)),
            isForLarge: true),
        Refusal(
            testDescription: "403 on Put Block List", rule: FaultRule(.blobBlockList, when: .nth(1), action: .reply(forbidden)),
            isForLarge: true),
    ]

    static let cases = contents.flatMap { content in faults.filter { $0.isForLarge == content.isLarge }.map { (content, $0) } }

    /// The emulator has read the whole body by the time that it answers with a fault.
    private static let forbidden = FaultReply(
        status: 403, body: .storage(code: "AuthenticationFailed", message: "Server failed to authenticate the request."))

    private static func same(_ bytes: [UInt8]) -> (file: [UInt8], raw: [UInt8]) { (bytes, bytes) }

    private static func gzipped(_ bytes: [UInt8]) -> (file: [UInt8], raw: [UInt8]) {
        let compressor = GzipCompressor()
        var packed: [UInt8] = []
        bytes.withUnsafeBytes { compressor.compress($0, appendingTo: &packed) }
        _ = compressor.finish(appendingTo: &packed)
        return (packed, bytes)
    }

    @Test("a container that refuses in mid-file costs neither a byte nor a second message", arguments: cases)
    func failover(_ content: Content, _ fault: Refusal) async throws {
        var random = SeededRandom()
        let seed = random.seed
        let (file, raw) = content.make(&random)
        let route = SystemFixture.Route(options: content.options)
        try await SystemFixture.with(
            routes: [route], topLevel: ["limits: { upload_block_size: 64 KiB }"],
            emulator: {
                // The bytes are noise to a csv parser: what counts here is what arrives.
                $0.ingestion = .none
                $0.faults = [fault.rule]
            }
        ) { system in
            let name = content.file ?? FileName("x.csv") ?? FileName(bytes: [0x78])
            let events = try await system.running { daemon in
                if let name { system.drop(file, named: name) }
                return try await daemon.verdicts(1)
            }
            #expect(system.emulator.faults.totalFired == 1, "seed \(seed)")
            #expect(events.verdicts.map(\.name) == ["succeeded"])
            let posted = PostedBlob.all(of: system.emulator)
            #expect(system.emulator.receivedMessages.count == 1)
            let blob = try #require(posted.first)
            let unpacked = content.isPacked ? try gunzip(blob.bytes) : blob.bytes
            #expect(unpacked == raw, "seed \(seed)")
            #expect(blob.announcedRawSize == raw.count)
            if content.file != nil { #expect(blob.bytes == file, "a file that is gzip already is sent as it is; seed \(seed)") }
            Self.expectNoNameTwice(system.emulator, posted: blob.path)
        }
    }

    /// No blob name is written whole twice, and the name of an attempt that failed is not the posted one.
    private static func expectNoNameTwice(_ emulator: Emulator, posted: String) {
        let writes = emulator.requests.entries.filter { [.blobPut, .blobBlock, .blobBlockList].contains($0.endpoint) }
        let refused = Set(writes.filter { $0.status != 201 }.map(\.path))
        #expect(!refused.isEmpty)
        #expect(!refused.contains(posted))
        let whole = writes.filter { $0.endpoint != .blobBlock && $0.status == 201 }.map(\.path)
        #expect(whole == [posted])
    }
}
