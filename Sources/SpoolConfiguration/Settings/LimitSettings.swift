package import SpoolPrimitives

/// What the daemon may use (P7).
package struct LimitSettings: Sendable, Hashable {
    /// Buffers of uploads, all together.
    package var memory: ByteCount
    /// Sources that are uploaded or posted at one time, at most.
    package var concurrency: Int
    package var uploadBlockSize: ByteCount

    package init(memory: ByteCount, concurrency: Int, uploadBlockSize: ByteCount) {
        self.memory = memory
        self.concurrency = concurrency
        self.uploadBlockSize = uploadBlockSize
    }

    private static let memory = ConfigurationKey<ByteCount>.size(
        "memory", in: .mebibytes(16) ... .gibibytes(64), default: "256 MiB",
        "The buffers of all uploads together. Enough for 32 blocks; file sizes and backlogs do not count.")

    private static let concurrency = ConfigurationKey<Int>.count(
        "concurrency", in: 1...1024, default: 64,
        "Files that are uploaded or posted at one time, at most. Enough to hide a round trip of 20 ms behind small files; `memory` bounds large ones."
    )

    private static let uploadBlockSize = ConfigurationKey<ByteCount>.size(
        "upload_block_size", in: .kibibytes(64) ... .mebibytes(100), default: "8 MiB",
        "Larger files are uploaded in blocks of this size. As in the Go SDK; 50,000 of them make 390 GiB, and a lost one costs little.")

    static let key = ConfigurationKey<LimitSettings>.section(
        "limits",
        SectionDescription(
            "limits", "What the daemon may use.", [memory.description, concurrency.description, uploadBlockSize.description])
    ) { reader in
        let memory = reader.read(memory)
        let concurrency = reader.read(concurrency)
        let block = reader.read(uploadBlockSize)
        guard let memory, let concurrency, let block else { return nil }
        if memory < block + block {
            reader.error("memory", "\(Units.text(memory)) is less than two blocks of upload_block_size (\(Units.text(block)))")
            return nil
        }
        return LimitSettings(memory: memory, concurrency: concurrency, uploadBlockSize: block)
    }
}
