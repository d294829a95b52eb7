import CZlib

/// What came of inflating a blob.
package enum GunzipError: Error {
    case notGzip
    case damaged
    case truncated
    case empty
}

/// Inflates gzip, member after member: a blob may be several members in a row, as parallel compressors write it.
package func gunzip(_ input: [UInt8]) throws(GunzipError) -> [UInt8] {
    guard input.count >= 2, input[0] == 0x1F, input[1] == 0x8B else { throw .notGzip }
    var stream = z_stream()
    guard ksc_inflate_init(&stream, 15 + 16) == Z_OK else { throw .damaged }
    defer { inflateEnd(&stream) }

    var output: [UInt8] = []
    output.reserveCapacity(input.count * 4)
    var chunk = [UInt8](repeating: 0, count: 256 * 1024)
    let outcome = input.withUnsafeBufferPointer { source -> Int32 in
        // zlib does not write through next_in; it is mutable only in the type.
        stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
        var left = source.count
        while true {
            if stream.avail_in == 0 {
                let step = min(left, 1 << 30)
                stream.avail_in = UInt32(step)
                left -= step
            }
            let status = chunk.withUnsafeMutableBufferPointer { target -> Int32 in
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(target.count)
                return inflate(&stream, Z_NO_FLUSH)
            }
            output += chunk[..<(chunk.count - Int(stream.avail_out))]
            switch status {
            case Z_OK: continue
            case Z_STREAM_END:
                guard stream.avail_in > 0 || left > 0 else { return Z_STREAM_END }
                guard inflateReset(&stream) == Z_OK else { return Z_DATA_ERROR }
            default: return status
            }
        }
    }
    switch outcome {
    case Z_STREAM_END: return output
    case Z_BUF_ERROR: throw .truncated
    default: throw .damaged
    }
}
