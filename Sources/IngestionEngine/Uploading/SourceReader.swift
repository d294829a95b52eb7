package import Gzip
package import IngestionModel
package import KustoWire
package import OpenSSLCrypto
package import SpoolDirectory
package import SpoolPrimitives

/// What a blob is made of, block by block: a file, or several that were coalesced.
package protocol BlobReader: AnyObject, Sendable {
    var encoding: BlobEncoding { get }
    /// Bytes before compression; nil where only the service can tell. Meaningful after the last block.
    var rawSize: Int64? { get }
    /// Bytes of the blob so far.
    var sentCount: Int64 { get }
    /// The MD5 of the whole blob. Asked for after the last block.
    var digest: MD5Digest { get }
    /// Fills one block. Blocks.
    func next() throws(SourceReader.Failure) -> SourceReader.Block
    /// Takes back the memory of a block that was sent, for one that is to come. Not while one is being filled.
    func giveBack(_ bytes: consuming [UInt8])
}

/// Turns a claimed file into the blocks of a blob: reads from offset 0, compresses, hashes. One attempt, one reader (P3).
///
/// Blocking and busy: its calls belong on the readers' threads, one at a time. Holds one block at a time.
package final class SourceReader: BlobReader, @unchecked Sendable {  // used by one task at a time, which awaits each call
    /// The next part of the blob.
    package struct Block: Sendable {
        package var bytes: [UInt8]
        package var md5: MD5Digest
        package var isLast: Bool
    }

    package enum Failure: Error {
        /// The file is not what its row says any more, or was not while it was read; and what it is now.
        case changed(FileChanges, FileIdentity)
        /// A file of a whole that must not lose one cannot go into its blob.
        case incomplete(String)
        case skipped(SkipReason)
        case file(SpoolError)
    }

    /// Archives up to this size are unpacked on the way, to find damage before anything is sent and to tell the raw size. Unpacking costs several times
    /// what hashing and sending costs; of a larger one the service says whether it is whole.
    package static let largestInspected = ByteCount.mebibytes(64)

    package let encoding: BlobEncoding
    private let file: OpenClaimedFile
    private var blocks: BlobBlocks
    private let inspector: GunzipInspector?
    /// Whether nobody here has unpacked the file: only the service can tell how large it is, and whether it is whole.
    private let isOpaque: Bool
    private var inspected: ByteCount?
    private var buffer: [UInt8]
    private var offset: Int64 = 0
    /// Bytes at the buffer's beginning that were read, and not yet taken: the first ones, which also say what the file is.
    private var readAhead = 0
    /// Whether the file was read to its end.
    private var isAtEnd = false

    /// - Throws: where the file's first bytes contradict its name.
    package init(
        _ file: OpenClaimedFile, name: String, format: DataFormat, compresses: Bool, blockSize: ByteCount, compressors: GzipCompressorPool
    ) throws(Failure) {
        self.file = file
        buffer = [UInt8](repeating: 0, count: Int(min(max(file.expected.size, 4), Int64(BlobBlocks.slack))))
        readAhead = try Self.read(file, into: &buffer, at: 0)
        let magic = Array(buffer.prefix(min(4, readAhead)))
        encoding = try Self.encoding(name: name, magic: magic, format: format, compresses: compresses)
        let isCompressed = Self.isGzip(magic)
        blocks = BlobBlocks(size: Int(blockSize.bytes), compresses: encoding == .gzip && !isCompressed, compressors: compressors)
        isOpaque = encoding == .zip || encoding == .gzip && isCompressed && file.expected.size > Self.largestInspected.bytes
        inspector = encoding == .gzip && isCompressed && !isOpaque ? GunzipInspector() : nil
    }

    deinit { blocks.abandon() }

    package var rawSize: Int64? {
        if isOpaque { return nil }
        return inspector == nil ? offset : inspected?.bytes
    }

    package var sentCount: Int64 { blocks.sentCount }
    package var digest: MD5Digest { blocks.digest() }

    /// After the last block, the file is compared with its row once more: what was read counts only if nothing changed.
    package func next() throws(Failure) -> Block {
        blocks.reserve(Int(file.expected.size) + 1024)
        while !blocks.isFull, !isAtEnd {
            let count = try read()
            if count == 0 {
                blocks.end()
                isAtEnd = true
                buffer = []
                try checkUnchanged()
            } else {
                try take(count)
            }
        }
        return blocks.take()
    }

    package func giveBack(_ bytes: consuming [UInt8]) { blocks.giveBack(bytes) }

    private func take(_ count: Int) throws(Failure) {
        let isSound = buffer.withUnsafeBytes { raw in
            let part = UnsafeRawBufferPointer(rebasing: raw[..<count])
            blocks.append(part)
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
