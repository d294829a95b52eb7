import CZlib
package import SpoolPrimitives

/// Finds out how many bytes a gzip file unpacks to, by unpacking it and keeping nothing.
///
/// The trailer's length field cannot be trusted for that: it counts modulo 4 GiB and of the last member only. The check sums are verified on
/// the way. Memory is 100 KiB whatever the file. One owner, one thread at a time; computes, hence not on the cooperative pool.
package final class GunzipInspector {
    /// Bytes that came out so far. A caller that fears a bomb looks at it between its calls.
    package private(set) var rawCount = ByteCount.zero

    private enum Position {
        case start
        case inMember
        /// At least one member has ended; another may follow, or zeros that tape drives add.
        case betweenMembers
        case inPadding
    }

    private var position = Position.start
    private let stream: UnsafeMutablePointer<z_stream>
    private let scratch = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 64 << 10)

    /// Ready for a file.
    package init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let result = ksc_inflate_init(stream, Zlib.gzipWindowBits)
        precondition(result == Z_OK, "no memory for zlib: \(result)")
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        scratch.deallocate()
    }

    /// Reads the next part of the file.
    ///
    /// - Throws: when this is no gzip, or a damaged one. The inspector is of no use then until `reset`.
    package func inspect(_ input: UnsafeRawBufferPointer) throws(GunzipError) {
        var rest = input
        while !rest.isEmpty {
            if position == .betweenMembers || position == .inPadding {
                if rest[0] == 0 {
                    position = .inPadding
                    rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst())
                    continue
                }
                guard position == .betweenMembers, rest[0] == 0x1F else { throw .damaged("something that is not gzip follows the data") }
                inflateReset(stream)
                position = .inMember
            }
            rest = try inflateSome(of: rest)
        }
    }

    /// Ends the file.
    ///
    /// - Returns: the size unpacked.
    /// - Throws: when the file ends in the middle of a member, or before one.
    package func finish() throws(GunzipError) -> ByteCount {
        switch position {
        case .start: throw .truncated
        case .inMember: throw .truncated
        case .betweenMembers, .inPadding: return rawCount
        }
    }

    /// Begins with another file.
    package func reset() {
        inflateReset(stream)
        position = .start
        rawCount = .zero
    }

    private func inflateSome(of input: UnsafeRawBufferPointer) throws(GunzipError) -> UnsafeRawBufferPointer {
        position = .inMember
        let part = UnsafeRawBufferPointer(rebasing: input.prefix(1 << 30))
        stream.pointee.next_in = UnsafeMutablePointer(mutating: part.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(part.count)
        stream.pointee.next_out = scratch.baseAddress
        stream.pointee.avail_out = UInt32(scratch.count)
        let result = CZlib.inflate(stream, Z_NO_FLUSH)
        rawCount += ByteCount(scratch.count - Int(stream.pointee.avail_out))
        let left = Int(stream.pointee.avail_in)
        let message = stream.pointee.msg.map { String(cString: $0) } ?? "zlib error \(result)"
        stream.pointee.next_in = nil
        switch result {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END: position = .betweenMembers
        case Z_DATA_ERROR where rawCount == .zero && message == "incorrect header check": throw .notGzip
        default: throw .damaged(message)
        }
        // Output that did not fit is drained by the next turn, which needs input left; the last byte of a member always comes after its output.
        return UnsafeRawBufferPointer(rebasing: input.dropFirst(part.count - left))
    }
}

/// Why a file's unpacked size is not known.
package enum GunzipError: Error, Sendable, Hashable, CustomStringConvertible {
    /// It does not begin as a gzip file does.
    case notGzip
    /// It ends too early.
    case truncated
    /// zlib's words on what is wrong inside.
    case damaged(String)

    package var description: String {
        switch self {
        case .notGzip: "not a gzip file, whatever its name says"
        case .truncated: "the gzip file ends before its data does"
        case .damaged(let what): "the gzip file is damaged: \(what)"
        }
    }
}
