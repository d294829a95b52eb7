package import Glibc

/// Whole files.
package enum TextFile {
    /// Writes text, and sets the mode whatever the umask is.
    package static func write(_ text: String, to path: String, mode: mode_t = 0o600) throws {
        try write(Array(text.utf8), to: path, mode: mode)
    }

    /// Writes bytes, and sets the mode whatever the umask is.
    package static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o600) throws {
        guard let file = fopen(path, "w") else { throw TestSupportError("\(path): \(errno)") }
        defer { fclose(file) }
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count, fchmod(fileno(file), mode) == 0 else {
            throw TestSupportError("\(path): \(errno)")
        }
    }
}

/// The system did not do its part for a test.
package struct TestSupportError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
