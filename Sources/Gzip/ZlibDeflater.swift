import CZlib

/// zlib at level 1, for builds without ISA-L, and as the second opinion in tests.
final class ZlibDeflater: Deflater {
    private let stream: UnsafeMutablePointer<z_stream>

    init() {
        // zlib keeps the stream's address and refuses another.
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let result = ksc_deflate_init(stream, 1, Zlib.gzipWindowBits)
        precondition(result == Z_OK, "no memory for zlib: \(result)")
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    func deflate(_ input: UnsafeRawBufferPointer, isLast: Bool, appendingTo output: inout [UInt8]) {
        var rest = input
        repeat {
            // zlib counts in 32 bits.
            let part = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(part.count))
            // Read only, for all that the type says.
            stream.pointee.next_in = UnsafeMutablePointer(mutating: part.bindMemory(to: UInt8.self).baseAddress)
            stream.pointee.avail_in = UInt32(part.count)
            let flush = isLast && rest.isEmpty ? Z_FINISH : Z_NO_FLUSH
            repeat { fill(&output, flush) } while stream.pointee.avail_out == 0
            precondition(stream.pointee.avail_in == 0)
        } while !rest.isEmpty
        stream.pointee.next_in = nil
    }

    func reset() {
        let result = deflateReset(stream)
        precondition(result == Z_OK)
    }

    private func fill(_ output: inout [UInt8], _ flush: Int32) {
        output.append(room: OutputRoom.forInput(Int(stream.pointee.avail_in))) { buffer in
            stream.pointee.next_out = buffer.baseAddress
            stream.pointee.avail_out = UInt32(buffer.count)
            // Z_BUF_ERROR says that there was nothing to do, which is no error.
            let result = CZlib.deflate(stream, flush)
            precondition(result != Z_STREAM_ERROR, "zlib's stream was damaged")
            return buffer.count - Int(stream.pointee.avail_out)
        }
    }
}

/// Numbers that zlib's calls want.
enum Zlib {
    /// The largest window, and gzip's wrapper in place of zlib's.
    static let gzipWindowBits: Int32 = 15 + 16
}
