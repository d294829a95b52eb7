package import Glibc

/// What readdir(3) gives, read within its bounds.
package enum DirectoryEntry {
    /// The entry's name.
    ///
    /// Never by way of `pointee.d_name`: that copies all 256 bytes of the declared array, and an entry ends behind its own name, which may be the end of
    /// the C library's buffer too.
    package static func name(of entry: UnsafePointer<dirent>) -> [UInt8] {
        // d_ino, d_off, d_reclen and d_type stand before it (readdir(3)).
        guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { preconditionFailure("a name has a place") }
        let start = (UnsafeRawPointer(entry) + offset).assumingMemoryBound(to: UInt8.self)
        var length = 0
        while start[length] != 0 { length += 1 }
        return Array(UnsafeBufferPointer(start: start, count: length))
    }
}
