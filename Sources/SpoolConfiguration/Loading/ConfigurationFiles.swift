import Glibc
import SpoolPrimitives

extension Configuration {
    /// Reads a configuration file and its drop-ins: every `*.yaml` in the directory `conf.d` beside it, in the order of their names' bytes.
    ///
    /// Blocks on the file system: for the start of a program.
    ///
    /// - Throws: every complaint there is; a file that cannot be read is one, at its first line.
    package static func load(path: String) throws(ConfigurationError) -> LoadedConfiguration {
        var complaints: [Complaint] = []
        var isOfTheSystem = false
        var sources: [ConfigurationSource] = []
        for file in [path] + dropIns(beside: path, &complaints) {
            do {
                sources.append(ConfigurationSource(file: file, text: try read(file)))
            } catch {
                isOfTheSystem = isOfTheSystem || error.code.map(systemErrors.contains) ?? false
                complaints.append(complaint(file, error.message))
            }
        }
        if !complaints.isEmpty {
            // What can be read is judged all the same.
            if sources.first?.file == path {
                do { _ = try load(sources) } catch { complaints += error.complaints }
            }
            throw ConfigurationError(complaints: complaints, isOfTheSystem: isOfTheSystem)
        }
        return try load(sources)
    }

    private struct ReadError: Error {
        var message: String
        /// The system's, where a call failed.
        var code: Int32?

        init(message: String) { self.message = message }

        /// - Parameter what: what cannot be done with the file.
        init(_ what: String, _ code: Int32) {
            message = "\(what): \(String(cString: strerror(code)))"
            self.code = code
        }
    }

    private static let systemErrors: Set<Int32> = [EMFILE, ENFILE, ENOMEM, EIO]

    private static let largestFile = 1 << 20

    private static func dropIns(beside path: String, _ complaints: inout [Complaint]) -> [String] {
        let directory = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let dropIns = (directory.isEmpty ? (path.hasPrefix("/") ? "" : ".") : directory) + "/conf.d"
        var stream = opendir(dropIns)
        while stream == nil, errno == EINTR { stream = opendir(dropIns) }
        guard let stream else {
            let code = errno
            if code != ENOENT { complaints.append(complaint(dropIns, "cannot be read: \(String(cString: strerror(code)))")) }
            return []
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = String(decoding: DirectoryEntry.name(of: entry), as: UTF8.self)
            if name.hasSuffix(".yaml"), !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }.map { "\(dropIns)/\($0)" }
    }

    private static func read(_ file: String) throws(ReadError) -> String {
        let descriptor: Int32
        do throws(SystemErrno) { descriptor = try systemCall { open(file, O_RDONLY | O_CLOEXEC) } } catch {
            throw ReadError("cannot be opened", error.code)
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw ReadError("cannot be read", errno)
            }
            if count == 0 { break }
            bytes += buffer[..<count]
            if bytes.count > largestFile { throw ReadError(message: "has more than 1 MiB, which no configuration needs") }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw ReadError(message: "is not UTF-8") }
        return text
    }

    private static func complaint(_ file: String, _ message: String) -> Complaint {
        Complaint(severity: .error, location: SourceLocation(file: file, line: 1, column: 1), message: message)
    }
}
