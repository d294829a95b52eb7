import CZlib

/// Unpacks gzip by zlib, so that what ISA-L wrote is read by another hand.
package enum Gunzip {
    /// The bytes of one gzip member; nil when it is damaged, cut, or followed by something.
    package static func unpack(_ packed: [UInt8]) -> [UInt8]? {
        // zlib remembers the stream's address.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer { stream.deallocate() }
        guard ksc_inflate_init(stream, 15 + 16) == Z_OK else { return nil }
        defer { inflateEnd(stream) }
        var packed = packed
        var unpacked: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 1 << 20)
        return packed.withUnsafeMutableBufferPointer { input -> [UInt8]? in
            stream.pointee.next_in = input.baseAddress
            stream.pointee.avail_in = UInt32(input.count)
            while true {
                let result = room.withUnsafeMutableBufferPointer { output in
                    stream.pointee.next_out = output.baseAddress
                    stream.pointee.avail_out = UInt32(output.count)
                    return inflate(stream, Z_NO_FLUSH)
                }
                unpacked += room.prefix(room.count - Int(stream.pointee.avail_out))
                if result == Z_STREAM_END { return stream.pointee.avail_in == 0 ? unpacked : nil }
                guard result == Z_OK else { return nil }
            }
        }
    }
}
