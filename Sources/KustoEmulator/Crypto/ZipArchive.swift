import CZlib

/// Why an archive could not be opened.
package enum ZipError: Error, Equatable {
    /// It is no ZIP, or a damaged one.
    case damaged
    /// It uses what the service does not read either, encryption and Deflate64, or what the emulator does not, ZIP64.
    case unsupported
}

/// Reads ZIP archives: entries that are stored or deflated, by the central directory.
///
/// Source: PKWARE's APPNOTE, sections 4.3.7, 4.3.12, 4.3.16.
package struct ZipArchive: Sendable {
    /// A file in the archive.
    package struct Entry: Sendable {
        /// Its name with the folders before it.
        package let name: String
        /// Its content.
        package let bytes: [UInt8]
    }

    /// The files in the archive in the order of its directory; folders are left out.
    package let entries: [Entry]

    /// Opens an archive.
    package init(_ bytes: [UInt8]) throws(ZipError) {
        let reader = ZipReader(bytes: bytes)
        let directory = try reader.directory()
        var entries: [Entry] = []
        var position = directory.start
        for _ in 0..<directory.count {
            guard try reader.number(position, 4) == 0x0201_4B50 else { throw .damaged }
            let nameLength = try reader.number(position + 28, 2)
            let name = String(decoding: try reader.slice(position + 46, nameLength), as: UTF8.self)
            if !name.hasSuffix("/") { entries.append(Entry(name: name, bytes: try reader.content(position))) }
            position += 46 + nameLength + (try reader.number(position + 30, 2)) + (try reader.number(position + 32, 2))
        }
        self.entries = entries
    }
}

private struct ZipReader {
    let bytes: [UInt8]

    /// Where the directory starts and how many entries it has.
    func directory() throws(ZipError) -> (start: Int, count: Int) {
        // The end record is followed by a comment of at most 64 KiB.
        let earliest = max(0, bytes.count - 22 - 65_535)
        var position = bytes.count - 22
        while position >= earliest {
            if try number(position, 4) == 0x0605_4B50 {
                let count = try number(position + 10, 2)
                let start = try number(position + 16, 4)
                guard count != 0xFFFF, start != 0xFFFF_FFFF else { throw .unsupported }
                return (start, count)
            }
            position -= 1
        }
        throw .damaged
    }

    /// The content of the entry whose directory record is at that place.
    func content(_ record: Int) throws(ZipError) -> [UInt8] {
        let (flags, method) = (try number(record + 8, 2), try number(record + 10, 2))
        let (packed, size) = (try number(record + 20, 4), try number(record + 24, 4))
        let local = try number(record + 42, 4)
        guard flags & 1 == 0, packed != 0xFFFF_FFFF, size != 0xFFFF_FFFF, local != 0xFFFF_FFFF else { throw .unsupported }
        guard try number(local, 4) == 0x0403_4B50 else { throw .damaged }
        let start = local + 30 + (try number(local + 26, 2)) + (try number(local + 28, 2))
        let data = try slice(start, packed)
        let content: [UInt8]
        switch method {
        case 0: content = Array(data)
        case 8:
            guard let inflated = rawInflate(Array(data), size: size) else { throw .damaged }
            content = inflated
        default: throw .unsupported
        }
        let checksum = content.withUnsafeBytes { crc32(0, $0.bindMemory(to: UInt8.self).baseAddress, UInt32($0.count)) }
        guard content.count == size, Int(checksum) == (try number(record + 16, 4)) else { throw .damaged }
        return content
    }

    func number(_ position: Int, _ width: Int) throws(ZipError) -> Int {
        try slice(position, width).reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    func slice(_ position: Int, _ length: Int) throws(ZipError) -> ArraySlice<UInt8> {
        guard position >= 0, length >= 0, position + length <= bytes.count else { throw .damaged }
        return bytes[position..<(position + length)]
    }

    /// Inflates a stream without header to exactly that size; nil where it is not one.
    private func rawInflate(_ input: [UInt8], size: Int) -> [UInt8]? {
        // A deflated byte stands for at most 1032: a directory that promises more lies.
        guard size <= input.count * 1032 + 64 else { return nil }
        var stream = z_stream()
        guard ksc_inflate_init(&stream, -15) == Z_OK else { return nil }
        defer { inflateEnd(&stream) }
        // One more than is wanted, so that too long a stream shows.
        var output = [UInt8](repeating: 0, count: size + 1)
        let capacity = output.count
        let status = input.withUnsafeBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                // zlib does not write through next_in; it is mutable only in the type.
                stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
                stream.avail_in = UInt32(source.count)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(target.count)
                return inflate(&stream, Z_FINISH)
            }
        }
        guard status == Z_STREAM_END, capacity - Int(stream.avail_out) == size else { return nil }
        output.removeLast()
        return output
    }
}
