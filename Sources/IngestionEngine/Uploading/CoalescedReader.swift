import Glibc
package import Gzip
package import IngestionModel
package import KustoWire
package import Ledger
package import OpenSSLCrypto
package import SpoolDirectory
package import SpoolPrimitives

/// Turns the files of a coalesced source into the blocks of one blob: file by file, each read whole, compared with its segment before and after, and looked
/// at by its structure before a byte of it goes into the blob.
///
/// A file that is not what its segment says, or that must not stand between others, is left out and told in ``separations``; the blob is one of the rest.
/// Blocking and busy: its calls belong on the readers' threads, one at a time. Holds one block and one file, which its route's bound keeps small.
package final class CoalescedReader: BlobReader, @unchecked Sendable {  // used by one task at a time, which awaits each call
    package let encoding: BlobEncoding
    private let root: SpoolRoot
    private let segments: [(index: Int, segment: Segment)]
    private let joining: Joining
    private let hasHeader: Bool
    private let mustBeWhole: Bool
    private var header: [UInt8]?
    private var blocks: BlobBlocks
    private var buffer: [UInt8] = []
    private var position = 0
    private var isAtEnd = false
    private var rawCount: Int64 = 0
    /// The files that have to leave the whole before anything of it may be posted.
    package private(set) var separations: [Separation] = []

    /// - Parameters:
    ///   - manifest: of the source; the files that have left it are no part of the blob.
    ///   - hasHeader: whether the first record of each file is left out.
    ///   - mustBeWhole: whether no file may be left out: the first that would have to be ends the reading.
    package init(
        _ manifest: SegmentManifest, of root: SpoolRoot, joining: Joining, hasHeader: Bool, compresses: Bool, mustBeWhole: Bool = false,
        blockSize: ByteCount, compressors: GzipCompressorPool
    ) {
        self.root = root
        segments = manifest.present
        self.joining = joining
        self.hasHeader = hasHeader
        self.mustBeWhole = mustBeWhole
        encoding = compresses ? .gzip : .plain
        blocks = BlobBlocks(size: Int(blockSize.bytes), compresses: compresses, compressors: compressors)
    }

    deinit { blocks.abandon() }

    package var rawSize: Int64? { rawCount }
    package var sentCount: Int64 { blocks.sentCount }
    package var digest: MD5Digest { blocks.digest() }
    /// Whether not one file is left for the blob. Meaningful after the last block.
    package var isEmpty: Bool { separations.count == segments.count }

    package func next() throws(SourceReader.Failure) -> SourceReader.Block {
        blocks.reserve(0)
        while !blocks.isFull, !isAtEnd {
            if position == segments.count {
                blocks.end()
                isAtEnd = true
            } else {
                let (index, segment) = segments[position]
                position += 1
                if let flaw = try append(segment) {
                    if mustBeWhole { throw .incomplete("\(segment.file.relativePath): \(flaw.reason)") }
                    separations.append(Separation(index: index, code: flaw.code, reason: flaw.reason))
                }
            }
        }
        return blocks.take()
    }

    package func giveBack(_ bytes: consuming [UInt8]) { blocks.giveBack(bytes) }

    /// - Returns: why the file was left out.
    private func append(_ segment: Segment) throws(SourceReader.Failure) -> (code: String, reason: String)? {
        guard let file = segment.file.claimedFile else { return (HoldReason.vanished.rawValue, "the ledger names no possible file") }
        let opening: OpenClaimedFile.Opening
        do throws(SpoolError) {
            opening = try OpenClaimedFile.open(root, file.claim, file.name, expecting: file.identity)
        } catch {
            return try Self.unreadable(error)
        }
        switch opening {
        case .vanished: return (HoldReason.vanished.rawValue, "the file is not in its claim's directory any more")
        case .unreadable(let cause): return (HoldReason.unreadable.rawValue, "the file cannot be read: \(cause)")
        case .changed(_, let changes): return ("changed", Self.changed(changes))
        case .unchanged(let open): return try append(open)
        }
    }

    private func append(_ file: OpenClaimedFile) throws(SourceReader.Failure) -> (code: String, reason: String)? {
        let size = Int(file.expected.size)
        if buffer.count < size { buffer = [UInt8](repeating: 0, count: size) }
        do throws(SpoolError) {
            let read = buffer.withUnsafeMutableBytes { bytes -> Result<Int, SpoolError> in
                let room = UnsafeMutableRawBufferPointer(rebasing: bytes[..<size])
                do throws(SpoolError) { return .success(try file.read(into: room, at: 0)) } catch { return .failure(error) }
            }
            let count = try read.get()
            let changes = try file.changes()
            if !changes.isEmpty { return ("changed", Self.changed(changes)) }
            if count != size { return ("changed", Self.changed(.size)) }
        } catch {
            return try Self.unreadable(error)
        }
        return buffer.withUnsafeBytes { bytes in
            let bytes = UnsafeRawBufferPointer(rebasing: bytes[..<size])
            do throws(SegmentStructure.Flaw) {
                let structure = try SegmentStructure(of: bytes, joining: joining, hasHeader: hasHeader, header: &header)
                blocks.append(UnsafeRawBufferPointer(rebasing: bytes[structure.skipped...]))
                rawCount += Int64(size - structure.skipped)
                return nil
            } catch {
                return (error.rawValue, "\(error.explanation) It travels alone.")
            }
        }
    }

    /// One file that the disk does not give must not keep all the others; what the process lacks, it lacks for all of them.
    private static func unreadable(_ error: SpoolError) throws(SourceReader.Failure) -> (code: String, reason: String) {
        if let cause = error.cause, [EMFILE, ENFILE, ENOMEM].contains(cause.code) { throw .file(error) }
        return (HoldReason.unreadable.rawValue, "the file cannot be read: \(error)")
    }

    private static func changed(_ changes: FileChanges) -> String { "the file changed after it was claimed (\(changes)); it travels alone" }
}
