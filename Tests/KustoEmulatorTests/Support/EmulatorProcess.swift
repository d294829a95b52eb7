import Glibc
import KustoEmulator
import Testing

/// An emulator in a process of its own, which can be killed.
final class EmulatorProcess {
    struct Failure: Error {}

    let port: Int
    private let process: pid_t
    private var isOver = false

    /// Starts one on a state folder; it listens when this returns.
    init(state folder: String, _ more: [String] = []) throws {
        let portFile = "\(folder)/port"
        unlink(portFile)
        let program = try Self.program()
        let words = [program, "--state", folder, "--port-file", portFile, "--batching-delay", "5ms", "--quiet"] + more
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var pid = pid_t()
        guard posix_spawn(&pid, program, nil, nil, &arguments, environ) == 0 else { throw Failure() }
        process = pid
        var number: Int?
        while number == nil {
            var status: Int32 = 0
            guard waitpid(pid, &status, WNOHANG) == 0 else { throw Failure() }
            number = Self.number(in: portFile)
            if number == nil { sched_yield() }
        }
        port = number ?? 0
    }

    deinit { kill() }

    /// SIGKILL, and the end of the process.
    func kill() {
        guard !isOver else { return }
        isOver = true
        Glibc.kill(process, SIGKILL)
        var status: Int32 = 0
        waitpid(process, &status, 0)
    }

    func request(_ method: String, _ target: String, _ body: [UInt8]? = nil, _ headers: [(String, String)] = []) throws -> TestReply {
        try TestConnection(port: port).request(method, target, headers, body)
    }

    func rows(of command: String, path: String = "/v1/rest/mgmt") throws -> [[JSON]] {
        let body: JSON = ["db": "db", "csl": .string(command)]
        let reply = try request("POST", path, body.encodedBytes, [("Authorization", "Bearer emulator-token")])
        try #require(reply.status == 200, "\(reply.text)")
        return (try JSON.parse(reply.body)["Tables"]?.elements?.first?["Rows"]?.elements ?? []).compactMap(\.elements)
    }

    /// Asks again and again until the answer is yes, for a minute at most.
    static func eventually(_ condition: () throws -> Bool) throws {
        let end = ContinuousClock.now + .seconds(60)
        while try !condition() { guard ContinuousClock.now < end else { throw Failure() } }
    }

    /// How many rows a table has; nil while there is no such table.
    func count(of table: String) throws -> JSON? {
        let body: JSON = ["db": "db", "csl": .string("\(table) | count")]
        let reply = try request("POST", "/v1/rest/query", body.encodedBytes, [("Authorization", "Bearer emulator-token")])
        return reply.status == 200 ? try JSON.parse(reply.body)["Tables"]?.elements?.first?["Rows"]?.elements?.first?.elements?.first : nil
    }

    /// The path and query of a resource, which outlive the port.
    func resource(_ type: String) throws -> String {
        let root = try #require(try rows(of: ".get ingestion resources").first { $0.first?.text == type }?.last?.text)
        return "/" + root.split(separator: "/", maxSplits: 2)[2]
    }

    func identityToken() throws -> String { try #require(try rows(of: ".get kusto identity token").first?.first?.text) }

    private static func program() throws -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let own = String(decoding: buffer.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // The tests may run in their own program or in the toolchain's; the products are beside the former, which is named on the command line.
        let candidates = ([own] + CommandLine.arguments).compactMap { path in
            path.lastIndex(of: "/").map { String(path[..<$0]) + "/kusto-emulator" }
        }
        guard let program = candidates.first(where: { access($0, X_OK) == 0 }) else { throw Failure() }
        return program
    }

    private static func number(in file: String) -> Int? {
        let descriptor = open(file, O_RDONLY)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = read(descriptor, &bytes, bytes.count)
        return Int(String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).filter(\.isNumber))
    }
}

/// A folder for one test, removed after it.
struct TestFolder {
    let path: String

    static func with(_ body: (TestFolder) async throws -> Void) async throws {
        var template = Array("/tmp/kusto-emulator-tests.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw EmulatorProcess.Failure() }
        let folder = TestFolder(path: String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
        defer {
            for name in ["tables.sqlite", "tables.sqlite-journal", "storage.log", "storage.log.new", "port"] {
                unlink("\(folder.path)/\(name)")
            }
            rmdir(folder.path)
        }
        try await body(folder)
    }
}
