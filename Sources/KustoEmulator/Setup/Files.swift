import Glibc

/// The few things done with files, by system calls.
enum Files {
    /// A call that the system refused.
    struct Failure: Error, CustomStringConvertible {
        let description: String

        init(_ operation: String, _ path: String) { description = "\(operation) \(path): \(String(cString: strerror(errno)))" }
    }

    static func read(_ path: String) throws(Failure) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Failure("open", path) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            guard count >= 0 else { throw Failure("read", path) }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
        }
    }

    /// Writes a file beside its place and moves it there, so that no reader sees half of it.
    static func write(_ bytes: [UInt8], to path: String) throws(Failure) {
        let temporary = "\(path).\(getpid()).new"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw Failure("open", temporary) }
        let isWritten = writeAll(bytes, file)
        close(file)
        guard isWritten else { throw Failure("write", temporary) }
        guard rename(temporary, path) == 0 else { throw Failure("rename", path) }
    }

    static func makeDirectory(_ path: String) throws(Failure) {
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw Failure("mkdir", path) }
    }

    /// Writes a text to standard output.
    static func print(_ text: String) { _ = writeAll(Array(text.utf8), STDOUT_FILENO) }

    /// Writes a text to standard error.
    static func complain(_ text: String) { _ = writeAll(Array(text.utf8), STDERR_FILENO) }

    private static func writeAll(_ bytes: [UInt8], _ file: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
