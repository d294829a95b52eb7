import Glibc

/// One event of inotify(7).
struct InotifyEvent: Equatable {
    /// The watch; -1 for an overflow.
    var watch: Int32
    var mask: UInt32
    /// Nil where the event is about the watched directory itself.
    var name: FileName?

    func has(_ flags: Int) -> Bool { mask & UInt32(flags) != 0 }

    /// Takes what read(2) gave apart: watch 4, mask 4, cookie 4, length 4, a name padded with NULs to that length.
    static func parse(_ buffer: ArraySlice<UInt8>) -> [InotifyEvent] {
        var events: [InotifyEvent] = []
        var rest = buffer
        while rest.count >= 16 {
            let header = rest.withUnsafeBytes { bytes in (0..<4).map { bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self) } }
            let length = Int(header[3])
            precondition(rest.count >= 16 + length, "inotify gave an event of \(length) bytes in \(rest.count)")
            let name = rest.dropFirst(16).prefix(length).prefix { $0 != 0 }
            events.append(InotifyEvent(watch: Int32(bitPattern: header[0]), mask: header[1], name: FileName(bytes: name)))
            rest = rest.dropFirst(16 + length)
        }
        return events
    }
}
