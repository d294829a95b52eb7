import SpoolPrimitives

/// Compressors between two uses: making one costs more than compressing a small file.
package final class GzipCompressorPool: @unchecked Sendable {  // the list is behind the lock, and what was taken from it has one owner
    private let idle = Lock<[Held]>([])
    private let limit: Int

    private struct Held: @unchecked Sendable {  // nobody uses it while it lies here
        let compressor: GzipCompressor
    }

    /// - Parameter limit: how many are kept; some 300 KiB each.
    package init(keeping limit: Int) { self.limit = limit }

    package func take() -> GzipCompressor { idle.withLock { $0.popLast() }?.compressor ?? GzipCompressor() }

    /// Takes one back, whatever it was in the midst of.
    package func giveBack(_ compressor: GzipCompressor) {
        compressor.reset()
        idle.withLock { if $0.count < limit { $0.append(Held(compressor: compressor)) } }
    }
}
