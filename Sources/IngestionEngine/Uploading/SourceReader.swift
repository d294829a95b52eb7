package import Gzip
package import IngestionModel
package import KustoWire
package import OpenSSLCrypto
package import SpoolDirectory
package import SpoolPrimitives

/// Turns a claimed file into the blocks of a blob: reads from offset 0, compresses, hashes. One attempt, one reader (P3).
///
/// Blocking and busy: its calls belong on the readers' threads, one at a time. Holds one block at a time.
package final class SourceReader: @unchecked Sendable {  // used by one task at a time, which awaits each call
    /// The next part of the blob.
    package struct Block: Sendable {
        package var bytes: [UInt8]
        package var md5: MD5Digest
        package var isLast: Bool
    }

    package enum Failure: Error {
        /// The file is not what its row says any more, or was not while it was read; and what it is now.
        case changed(FileChanges, FileIdentity)
        case skipped(SkipReason)
        case file(SpoolError)
    }

    package let encoding: BlobEncoding
    private let file: OpenClaimedFile
    private let blockSize: Int
    private let compressors: GzipCompressorPool
    /// While there is something to compress.
    private var compressor: GzipCompressor?
    private let inspector: GunzipInspector?
    private var inspected: ByteCount?
    private var buffer: [UInt8]
    private var pending: [UInt8] = []
    private var offset: Int64 = 0
    /// Bytes at the buffer's beginning that were read, and not yet taken: the first ones, which also say what the file is.
    private var readAhead = 0
    /// Whether the file was read to its end: what is pending then is the last of the blob.
    private var isAtEnd = false
    /// Bytes of the blob so far.
    package private(set) var sentCount: Int64 = 0
    private var blobMD5 = MD5Stream()

    /// - Throws: where the file's first bytes contradict its name.
    package init(
        _ file: OpenClaimedFile, name: String, format: DataFormat, compresses: Bool, blockSize: ByteCount, compressors: GzipCompressorPool
    ) throws(Failure) {
        self.file = file
        self.compressors = compressors
        self.blockSize = Int(blockSize.bytes)
        buffer = [UInt8](repeating: 0, count: Int(min(max(file.expected.size, 4), 1 << 18)))
        readAhead = try Self.read(file, into: &buffer, at: 0)
        let magic = Array(buffer.prefix(min(4, readAhead)))
        encoding = try Self.encoding(name: name, magic: magic, format: format, compresses: compresses)
        compressor = encoding == .gzip && !Self.isGzip(magic) ? compressors.take() : nil
        inspector = encoding == .gzip && compressor == nil ? GunzipInspector() : nil
    }

    deinit { if let compressor { compressors.giveBack(compressor) } }

    /// Bytes before compression; nil where only the service can tell. Meaningful after the last block.
    package var rawSize: Int64? {
        if encoding == .zip { return nil }
        return inspector == nil ? offset : inspected?.bytes
    }

    /// The MD5 of the whole blob. Asked for after the last block.
    package private(set) lazy var digest = blobMD5.finish()

    /// Fills one block. After the last, the file is compared with its row once more: what was read counts only if nothing changed.
    package func next() throws(Failure) -> Block {
        var block = pending
        pending = []
        block.reserveCapacity(min(blockSize, Int(file.expected.size) + 1024))
        while block.count <= blockSize, !isAtEnd {
            let count = try read()
            if count == 0 {
                if let compressor {
                    compressor.finish(appendingTo: &block)
                    compressors.giveBack(compressor)
                }
                compressor = nil
                isAtEnd = true
                buffer = []
                try checkUnchanged()
            } else {
                try take(count, into: &block)
            }
        }
        // What the last read brought beyond the block begins the next one.
        if block.count > blockSize {
            pending = Array(block[blockSize...])
            block.removeLast(block.count - blockSize)
        }
        let isLast = isAtEnd && pending.isEmpty
        let md5 = MD5Digest(of: block)
        if isLast, sentCount == 0 {
            digest = md5
        } else {
            block.withUnsafeBytes { blobMD5.update($0) }
        }
        sentCount += Int64(block.count)
        return Block(bytes: block, md5: md5, isLast: isLast)
    }

    private func take(_ count: Int, into block: inout [UInt8]) throws(Failure) {
        let isSound = buffer.withUnsafeBytes { raw in
            let part = UnsafeRawBufferPointer(rebasing: raw[..<count])
            if let compressor { compressor.compress(part, appendingTo: &block) } else { block.append(contentsOf: part) }
            do throws(GunzipError) { try inspector?.inspect(part) } catch { return false }
            return true
        }
        // A damaged archive; the service would take the blob and ingest nothing of it. One that changed while it was read is no such thing.
        if !isSound {
            try checkIdentity()
            throw .skipped(.damaged)
        }
    }

    private func read() throws(Failure) -> Int {
        // What the row says was read is all; the look at the file's identity behind it finds more, if there is more.
        if offset == file.expected.size { return 0 }
        var count = readAhead
        readAhead = 0
        if count == 0 { count = try Self.read(file, into: &buffer, at: offset) }
        offset += Int64(count)
        return count
    }

    /// protocol.md §3.3: fstat again, and the bytes that were read are as many as the row says.
    private func checkUnchanged() throws(Failure) {
        try checkIdentity()
        if offset != file.expected.size { throw .changed(.size, file.expected) }
        if let inspector {
            do throws(GunzipError) { inspected = try inspector.finish() } catch { throw .skipped(.damaged) }
        }
        if rawSize == 0 { throw .skipped(.empty) }
    }

    private func checkIdentity() throws(Failure) {
        let now: FileIdentity
        do { now = try file.identity() } catch { throw .file(error) }
        let changes = file.expected.changes(to: now)
        if !changes.isEmpty { throw .changed(changes, now) }
    }

    private static func read(_ file: OpenClaimedFile, into bytes: inout [UInt8], at offset: Int64) throws(Failure) -> Int {
        let result = bytes.withUnsafeMutableBytes { buffer -> Result<Int, Failure> in
            do throws(SpoolError) { return .success(try file.read(into: buffer, at: offset)) } catch { return .failure(.file(error)) }
        }
        return try result.get()
    }

    private static func isGzip(_ magic: [UInt8]) -> Bool { magic.starts(with: [0x1F, 0x8B]) }

    /// How the blob will be wrapped (reference: kusto-queued-ingestion §4.2), or why it cannot be.
    private static func encoding(name: String, magic: [UInt8], format: DataFormat, compresses: Bool) throws(Failure) -> BlobEncoding {
        let name = name.lowercased()
        if name.hasSuffix(".zip") {
            guard magic.starts(with: Array("PK".utf8)) else { throw .skipped(.notZip) }
            return .zip
        }
        if format.isBinary {
            let expected: [UInt8]? =
                switch format {
                case .parquet: Array("PAR1".utf8)
                case .orc: Array("ORC".utf8)
                case .avro, .apacheavro: Array("Obj".utf8) + [1]
                default: nil
                }
            if let expected, !magic.starts(with: expected) { throw .skipped(.formatMismatch) }
            return .plain
        }
        // gzip by its content counts as gzip whatever its name is: gzip bytes under a plain name would be accepted and never ingested.
        if isGzip(magic) { return .gzip }
        if name.hasSuffix(".gz") { throw .skipped(.notGzip) }
        return compresses ? .gzip : .plain
    }
}
