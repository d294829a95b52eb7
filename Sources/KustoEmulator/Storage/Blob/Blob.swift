import NIOCore

/// A committed blob.
struct Blob: Sendable {
    /// One block of a committed block list.
    struct Block: Sendable {
        let id: String
        let bytes: ByteBuffer
    }

    let name: String
    /// The content in the order of the blocks; one piece without id for a blob that was put whole.
    let blocks: [Block]
    let length: Int
    let contentType: String
    /// Base64, as the header has it. A block blob has none unless its writer gave one.
    let md5: String?
    let metadata: [(name: String, value: String)]
    let etag: String
    let created: Moment
    let modified: Moment

    init(
        name: String, blocks: [Block], contentType: String, md5: String?, metadata: [(name: String, value: String)], etag: String,
        created: Moment, modified: Moment
    ) {
        self.name = name
        self.blocks = blocks
        length = blocks.reduce(0) { $0 + $1.bytes.readableBytes }
        self.contentType = contentType
        self.md5 = md5
        self.metadata = metadata
        self.etag = etag
        self.created = created
        self.modified = modified
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length)
        for block in blocks { bytes += block.bytes.readableBytesView }
        return bytes
    }

    /// A part of the content, copied only where it spans blocks.
    func slice(_ range: Range<Int>) -> ByteBuffer {
        var result = ByteBuffer()
        var offset = 0
        for block in blocks {
            let size = block.bytes.readableBytes
            let wanted = range.clamped(to: offset..<(offset + size))
            if !wanted.isEmpty,
                var part = block.bytes.getSlice(at: block.bytes.readerIndex + wanted.lowerBound - offset, length: wanted.count)
            {
                if wanted.count == range.count { return part }
                result.writeBuffer(&part)
            }
            offset += size
        }
        return result
    }
}
