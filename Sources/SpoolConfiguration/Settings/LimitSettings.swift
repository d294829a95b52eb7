package import SpoolPrimitives

/// What the daemon may use (P7).
package struct LimitSettings: Sendable, Hashable {
    /// Buffers of uploads, posts, notifications and statuses, all together.
    package var memory: ByteCount
    /// Sources that are uploaded or posted at one time, at most.
    package var concurrency: Int
    package var uploadBlockSize: ByteCount
    /// Of request bodies, all together; nil: as many as the network takes.
    package var bytesPerSecond: ByteCount?
    /// To the service and its storage, all together; nil: as many as they answer.
    package var requestsPerSecond: Int?

    package init(
        memory: ByteCount, concurrency: Int, uploadBlockSize: ByteCount, bytesPerSecond: ByteCount? = nil, requestsPerSecond: Int? = nil
    ) {
        self.memory = memory
        self.concurrency = concurrency
        self.uploadBlockSize = uploadBlockSize
        self.bytesPerSecond = bytesPerSecond
        self.requestsPerSecond = requestsPerSecond
    }

    private static let memory = ConfigurationKey<ByteCount>.size(
        "memory", in: .mebibytes(16) ... .gibibytes(64), default: "256 MiB",
        "The buffers of uploads, posts and what is read of verdicts, which has an eighth of it. Enough for 28 blocks; file sizes and backlogs do not count."
    )

    private static let concurrency = ConfigurationKey<Int>.count(
        "concurrency", in: 1...1024, default: 1024,
        "Files that are uploaded or posted at one time, at most. How many are worth it each storage account's answers tell; `memory` bounds large ones."
    )

    private static let uploadBlockSize = ConfigurationKey<ByteCount>.size(
        "upload_block_size", in: .kibibytes(64) ... .mebibytes(100), default: "8 MiB",
        "Larger files are uploaded in blocks of this size. As in the Go SDK; 50,000 of them make 390 GiB, and a lost one costs little.")

    private static let bytesPerSecond = ConfigurationKey<ByteCount>.size(
        "bytes_per_second", in: .kibibytes(16) ... .gibibytes(64), default: nil,
        "Of what is sent, all together; uploads wait for it, and nothing waits behind them. Absent: as fast as it goes. For a line that others share."
    )

    private static let requestsPerSecond = ConfigurationKey<Int>.count(
        "requests_per_second", in: 10...1_000_000, default: nil,
        "To the service and its storage, all together; a small file takes about five. Absent: as many as are answered. For storage that others share."
    )

    static let key = ConfigurationKey<LimitSettings>.section(
        "limits",
        SectionDescription(
            "limits", "What the daemon may use.",
            [
                memory.description, concurrency.description, uploadBlockSize.description, bytesPerSecond.description,
                requestsPerSecond.description,
            ])
    ) { reader in
        let memory = reader.read(memory)
        let concurrency = reader.read(concurrency)
        let block = reader.read(uploadBlockSize)
        let bytes = reader.read(bytesPerSecond)
        let requests = reader.read(requestsPerSecond)
        guard let memory, let concurrency, let block else { return nil }
        if memory < block + block {
            reader.error("memory", "\(Units.text(memory)) is less than two blocks of upload_block_size (\(Units.text(block)))")
            return nil
        }
        return LimitSettings(
            memory: memory, concurrency: concurrency, uploadBlockSize: block, bytesPerSecond: bytes, requestsPerSecond: requests)
    }
}
