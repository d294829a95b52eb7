import CLinux
import Glibc
package import SpoolDirectory
import SpoolPrimitives

/// A directory that lives as long as a closure runs, with the few file operations that tests need, names as bytes.
///
/// What fails here fails the test run: the precondition's text says which call.
package struct TemporaryDirectory: Sendable {
    package let path: String

    /// Makes a directory, runs `body`, and removes the directory with all that is in it, whether `body` throws or not.
    package static func with<Result>(_ body: (TemporaryDirectory) throws -> Result) rethrows -> Result {
        let directory = TemporaryDirectory(path: make())
        defer { directory.remove() }
        return try body(directory)
    }

    package static func with<Result>(
        isolation: isolated (any Actor)? = #isolation, _ body: (TemporaryDirectory) async throws -> Result
    ) async rethrows -> Result {
        let directory = TemporaryDirectory(path: make())
        defer { directory.remove() }
        return try await body(directory)
    }

    /// A directory that is there, and stays.
    package static func at(_ path: String) -> TemporaryDirectory { TemporaryDirectory(path: path) }

    private static func make() -> String {
        var template = Array("/tmp/kusto-spool-test-XXXXXX".utf8CString)
        let isMade = mkdtemp(&template) != nil
        precondition(isMade, "mkdtemp: \(SystemErrno.current)")
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func remove() { Self.remove(Array(path.utf8)) }

    /// Removes a tree, following no link.
    private static func remove(_ path: [UInt8]) {
        for name in entries(path) { remove(path + [UInt8(ascii: "/")] + name) }
        _ = withPath(path) { Glibc.remove($0) }
    }

    private static func entries(_ path: [UInt8]) -> [[UInt8]] {
        let raw = withPath(path) { ksc_openat(AT_FDCWD, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0) }
        guard raw >= 0, let directory = fdopendir(raw) else { return [] }
        defer { closedir(directory) }
        var names: [[UInt8]] = []
        while let entry = readdir(directory) {
            let name = DirectoryEntry.name(of: entry)
            if name != Array(".".utf8), name != Array("..".utf8) { names.append(name) }
        }
        return names
    }

    static func withPath<Result>(_ path: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result {
        (path + [0]).map { CChar(bitPattern: $0) }.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("a path has at least its NUL") }
            return body(base)
        }
    }
}

extension TemporaryDirectory {
    private func bytes(_ below: RelativePath) -> [UInt8] {
        below.components.reduce(into: Array(path.utf8)) { $0 += [UInt8(ascii: "/")] + $1.bytes }
    }

    /// A path below this directory as text; only for names that are UTF-8.
    package func path(_ below: String) -> String { "\(path)/\(below)" }

    /// Writes a file anew, in place, durable or not as the kernel likes.
    package func write(_ contents: [UInt8], to below: RelativePath) {
        ChildProcess.startGuard.withLock { _ in
            let raw = Self.withPath(bytes(below)) { ksc_openat(AT_FDCWD, $0, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644) }
            precondition(raw >= 0, "open \(below): \(SystemErrno.current)")
            defer { close(raw) }
            var rest = contents[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.write(raw, $0.baseAddress, $0.count) }
                precondition(count > 0, "write \(below): \(SystemErrno.current)")
                rest = rest.dropFirst(count)
            }
        }
    }

    /// Adds to a file that is there.
    package func append(_ contents: [UInt8], to below: RelativePath) {
        ChildProcess.startGuard.withLock { _ in
            let raw = Self.withPath(bytes(below)) { ksc_openat(AT_FDCWD, $0, O_WRONLY | O_APPEND | O_CLOEXEC, 0) }
            precondition(raw >= 0, "open \(below): \(SystemErrno.current)")
            defer { close(raw) }
            let written = contents.withUnsafeBytes { Glibc.write(raw, $0.baseAddress, $0.count) }
            precondition(written == contents.count, "write \(below): \(SystemErrno.current)")
        }
    }

    /// Writes `piece` into a file again and again until the disk is full.
    package func fill(_ below: String, with piece: [UInt8]) { Self.fill(at: path(below), with: piece) }

    /// The same for a whole path.
    package static func fill(at path: String, with piece: [UInt8]) {
        ChildProcess.startGuard.withLock { _ in
            let raw = ksc_openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
            precondition(raw >= 0, "open \(path): \(SystemErrno.current)")
            while Glibc.write(raw, piece, piece.count) > 0 {}
            precondition(errno == ENOSPC, "write \(path): \(SystemErrno.current)")
            close(raw)
        }
    }

    /// Lets two names change places at one instant.
    package func exchange(_ below: String, _ other: String) {
        let result = ksc_renameat2(AT_FDCWD, path(below), AT_FDCWD, path(other), 2)  // RENAME_EXCHANGE
        precondition(result == 0, "exchange \(below): \(SystemErrno.current)")
    }

    package func write(_ contents: String, to below: String) { write(Array(contents.utf8), to: Self.relative(below)) }

    /// The whole file; nil where there is none.
    package func read(_ below: RelativePath) -> [UInt8]? {
        let raw = Self.withPath(bytes(below)) { ksc_openat(AT_FDCWD, $0, O_RDONLY | O_NOFOLLOW | O_CLOEXEC, 0) }
        guard raw >= 0 else { return nil }
        defer { close(raw) }
        var contents: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(raw, &chunk, chunk.count)
            guard count > 0 else { return contents }
            contents += chunk[..<count]
        }
    }

    package func read(_ below: String) -> [UInt8]? { read(Self.relative(below)) }

    /// The names in a directory, hidden ones too, in no order; empty where there is none.
    package func names(in below: RelativePath = .root) -> Set<FileName> {
        Set(Self.entries(bytes(below)).compactMap { FileName(bytes: $0) })
    }

    package func names(in below: String) -> Set<FileName> { names(in: Self.relative(below)) }

    /// Rewrites a file in place, as a producer that does not know better: the same inode, truncated and written anew.
    package func overwrite(_ below: RelativePath, with contents: [UInt8]) {
        ChildProcess.startGuard.withLock { _ in
            let descriptor = ksc_openat(AT_FDCWD, path(below.displayText), O_WRONLY | O_TRUNC | O_CLOEXEC, 0)
            precondition(descriptor >= 0, "open: \(errno)")
            defer { close(descriptor) }
            let written = contents.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            precondition(written == contents.count, "write: \(errno)")
        }
    }

    package func makeDirectory(_ below: String, mode: UInt32 = 0o755) {
        let isMade = mkdir(path(below), mode) == 0
        precondition(isMade, "mkdir \(below): \(SystemErrno.current)")
        // Whatever the umask takes away.
        chmod(path(below), mode)
    }

    package func setMode(_ below: String, _ mode: UInt32) {
        let result = chmod(path(below), mode)
        precondition(result == 0, "chmod \(below): \(SystemErrno.current)")
    }

    package func makeFIFO(_ below: String) {
        let result = mkfifo(path(below), 0o644)
        precondition(result == 0, "mkfifo \(below): \(SystemErrno.current)")
    }

    /// Moves an entry, replacing another.
    package func rename(_ from: RelativePath, to: RelativePath) {
        let result = Self.withPath(bytes(from)) { from in Self.withPath(bytes(to)) { Glibc.rename(from, $0) } }
        precondition(result == 0, "rename \(from): \(SystemErrno.current)")
    }

    package func removeFile(_ below: RelativePath) {
        let result = Self.withPath(bytes(below)) { unlink($0) }
        precondition(result == 0, "unlink \(below): \(SystemErrno.current)")
    }

    /// Removes an empty directory.
    package func removeDirectory(_ below: String) {
        let isRemoved = rmdir(path(below)) == 0
        precondition(isRemoved, "rmdir \(below): \(SystemErrno.current)")
    }

    /// Sets both times of a file to so long ago; its ctime is now all the same.
    package func age(_ below: RelativePath, by seconds: Int) {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let then = timespec(tv_sec: now.tv_sec - seconds, tv_nsec: now.tv_nsec)
        let result = Self.withPath(bytes(below)) { utimensat(AT_FDCWD, $0, [then, then], 0) }
        precondition(result == 0, "utimensat \(below): \(SystemErrno.current)")
    }

    /// Every regular file below, hidden ones and the daemon's own too, with its bytes.
    package func allFiles(below directory: RelativePath = .root) -> [RelativePath: [UInt8]] {
        var files: [RelativePath: [UInt8]] = [:]
        for name in names(in: directory) {
            let path = directory.appending(name)
            var status = stat()
            guard Self.withPath(bytes(path), { lstat($0, &status) }) == 0 else { continue }
            switch status.st_mode & 0o170000 {
            case 0o040000: files.merge(allFiles(below: path)) { first, _ in first }
            case 0o100000: files[path] = read(path)
            default: break
            }
        }
        return files
    }

    /// `a/b`, slashes between names.
    package static func relative(_ below: String) -> RelativePath {
        guard let path = RelativePath(displayText: below) else { preconditionFailure("\(below) is no path") }
        return path
    }
}
