import CZlib

/// Unpacks one member in memory, by zlib alone: the other end of every round trip.
func gunzip(_ packed: [UInt8], expecting size: Int) -> [UInt8]? {
    // zlib remembers the address.
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer { stream.deallocate() }
    guard ksc_inflate_init(stream, 15 + 16) == Z_OK else { return nil }
    defer { inflateEnd(stream) }
    var output = [UInt8](repeating: 0, count: size + 1)
    var input = packed
    return input.withUnsafeMutableBufferPointer { input in
        output.withUnsafeMutableBufferPointer { output -> [UInt8]? in
            stream.pointee.next_in = input.baseAddress
            stream.pointee.avail_in = UInt32(input.count)
            stream.pointee.next_out = output.baseAddress
            stream.pointee.avail_out = UInt32(output.count)
            guard inflate(stream, Z_FINISH) == Z_STREAM_END, stream.pointee.avail_in == 0 else { return nil }
            return Array(output.prefix(output.count - Int(stream.pointee.avail_out)))
        }
    }
}
