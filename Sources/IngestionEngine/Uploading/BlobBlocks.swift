import Gzip
import IngestionModel
import OpenSSLCrypto
import SpoolPrimitives

/// Cuts a stream of bytes into the blocks of a blob: compressed or not, each with its MD5, and the blob's own besides. Holds one block, what the last
/// read brought beyond it, and the memory of blocks that were sent, for those to come: a large file's blocks are megabytes each, and taking them anew from
/// the allocator, on one thread and back on another, leaves holes in its heaps that grow with the file.
struct BlobBlocks {
    private let size: Int
    private let compressors: GzipCompressorPool
    /// While there is something to compress.
    private var compressor: GzipCompressor?
    private var block: [UInt8] = []
    /// Of blocks that were sent.
    private var spent: [[UInt8]] = []
    private var isEnded = false
    /// Bytes of the blob so far.
    private(set) var sentCount: Int64 = 0
    private var stream: MD5Stream?
    private var whole: MD5Digest?

    /// - Parameters:
    ///   - size: of a block, in bytes.
    ///   - compresses: whether what is appended is to be gzipped; what is gzip already is not.
    init(size: Int, compresses: Bool, compressors: GzipCompressorPool) {
        self.size = size
        self.compressors = compressors
        compressor = compresses ? compressors.take() : nil
    }

    /// Whether there is more than a block: only then is it known that the block is not the last.
    var isFull: Bool { block.count > size }

    /// Bytes that a block takes besides its own: what the last read brings beyond it.
    static let slack = 256 << 10

    /// Makes room for a block.
    ///
    /// - Parameter count: of bytes that are to come, at a guess.
    mutating func reserve(_ count: Int) {
        if var room = spent.popLast() {
            room.removeAll(keepingCapacity: true)
            room.append(contentsOf: block)
            block = room
        } else {
            block.reserveCapacity(min(size + Self.slack, count))
        }
    }

    /// Takes back the memory of a block that nobody needs any more.
    mutating func giveBack(_ bytes: consuming [UInt8]) { spent.append(bytes) }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if let compressor { compressor.compress(bytes, appendingTo: &block) } else { block.append(contentsOf: bytes) }
    }

    /// Nothing more comes.
    mutating func end() {
        if let compressor {
            compressor.finish(appendingTo: &block)
            compressors.giveBack(compressor)
        }
        compressor = nil
        isEnded = true
    }

    /// Whoever takes no more blocks gives the compressor back.
    mutating func abandon() {
        if let compressor { compressors.giveBack(compressor) }
        compressor = nil
    }

    /// The next block, of a full one or of all that is left.
    mutating func take() -> SourceReader.Block {
        var bytes = block
        block = []
        // What the last read brought beyond the block begins the next one.
        if bytes.count > size {
            block = Array(bytes[size...])
            bytes.removeLast(bytes.count - size)
        }
        let isLast = isEnded && block.isEmpty
        let md5 = MD5Digest(of: bytes)
        if isLast, sentCount == 0 {
            whole = md5
        } else {
            let stream = stream ?? MD5Stream()
            self.stream = stream
            bytes.withUnsafeBytes { stream.update($0) }
        }
        sentCount += Int64(bytes.count)
        return SourceReader.Block(bytes: bytes, md5: md5, isLast: isLast)
    }

    /// The MD5 of the whole blob. Asked for once, after the last block.
    mutating func digest() -> MD5Digest {
        if let whole { return whole }
        let digest = (stream ?? MD5Stream()).finish()
        whole = digest
        return digest
    }
}
