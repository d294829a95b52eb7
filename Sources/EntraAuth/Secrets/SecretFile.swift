import Glibc
package import SpoolPrimitives

/// Where a secret lies: a file, never a value in a configuration.
package struct SecretFile: Sendable, Hashable {
    /// An absolute path.
    package let path: String
    /// systemd keeps its credentials to itself: their modes say nothing.
    private let isCredential: Bool

    /// Reads a reference.
    ///
    /// - Parameters:
    ///   - reference: an absolute path, or `credential:NAME` for a file in `credentialsDirectory`.
    ///   - credentialsDirectory: systemd's `$CREDENTIALS_DIRECTORY`.
    /// - Throws: when it is neither, or the directory is not set.
    package init(_ reference: String, credentialsDirectory: String? = getenv("CREDENTIALS_DIRECTORY").map { String(cString: $0) })
        throws(SecretFileError)
    {
        let prefix = "credential:"
        guard reference.hasPrefix(prefix) else {
            guard reference.hasPrefix("/"), !reference.utf8.contains(0) else { throw .notAReference(reference) }
            path = reference
            isCredential = false
            return
        }
        let name = reference.dropFirst(prefix.count)
        guard !name.isEmpty, name != ".", name != "..", !name.contains("/"), !name.utf8.contains(0) else { throw .notAReference(reference) }
        guard let credentialsDirectory, credentialsDirectory.hasPrefix("/") else { throw .noCredentialsDirectory(String(name)) }
        path = "\(credentialsDirectory)/\(name)"
        isCredential = true
    }

    /// What a file held, and what is wrong with the file without being an error.
    package struct Contents: Sendable {
        /// Without the line end.
        package var secret: Secret
        /// For the log, once.
        package var warning: SecretFileWarning?
    }

    /// The longest that is read: a certificate with its chain and key fits.
    package static let largest = 64 << 10

    /// Reads the file on a thread of its own: a file system may take its time.
    package func load() async throws(SecretFileError) -> Contents {
        let outcome: Result<Contents, SecretFileError> = await withCheckedContinuation { continuation in
            _ = WorkerThread(name: "secret") {
                do throws(SecretFileError) {
                    continuation.resume(returning: .success(try read()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try outcome.get()
    }

    /// Reads the file and drops one line end after the text. Blocks.
    ///
    /// - Throws: when it cannot be read, is no regular file, is too large, is no text, or is empty.
    package func read() throws(SecretFileError) -> Contents {
        // O_NONBLOCK: a named pipe in its place must not stop the daemon.
        let file: Int32
        do throws(SystemErrno) { file = try systemCall { open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK) } } catch {
            throw .unreadable(path, error.code)
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .unreadable(path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path) }
        var bytes = try readAll(file)
        if bytes.last == UInt8(ascii: "\n") {
            bytes.removeLast()
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        }
        guard !bytes.isEmpty else { throw .empty(path) }
        guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else { throw .notText(path) }
        let isOpen = !isCredential && status.st_mode & (S_IRGRP | S_IROTH) != 0
        return Contents(secret: Secret(text), warning: isOpen ? .readableByOthers(path, mode: status.st_mode & 0o777) : nil)
    }

    private func readAll(_ file: Int32) throws(SecretFileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.largest + 1)
        var count = 0
        while count < bytes.count {
            let room = bytes.count - count
            let got = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress?.advanced(by: count), room) }
            if got < 0, errno == EINTR { continue }
            if got < 0 { throw .unreadable(path, errno) }
            if got == 0 { break }
            count += got
        }
        guard count <= Self.largest else { throw .tooLarge(path) }
        return Array(bytes.prefix(count))
    }
}
