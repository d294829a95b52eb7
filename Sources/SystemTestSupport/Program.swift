import Glibc
package import SpoolPrimitives
package import SpoolTestSupport

/// The real `kusto-spool` in a process of its own, as a stranger runs it.
package final class Program: Sendable {
    /// How it ended and what it wrote.
    package struct Result: Sendable {
        /// The exit status, or 128 and the signal's number.
        package let status: Int32
        package let output: String
        package let errors: String
    }

    package let pid: Int32
    private let directory: TemporaryDirectory
    private let stem: String
    private static let counter = Lock(0)

    /// What was built besides the test bundle.
    package static func built(_ name: String) -> String { directory + "/" + name }

    private static let directory: String = {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let executable = String(decoding: buffer.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return executable.split(separator: "/").dropLast().reduce(into: "") { $0 += "/\($1)" }
    }()

    /// Starts it.
    ///
    /// - Parameters:
    ///   - name: the executable, which stands beside the test bundle.
    ///   - directory: where its output is gathered.
    ///   - environment: added to our own.
    ///   - asNobody: without any right but those of user and group 65534.
    ///   - wrapper: words of a program that starts this one.
    ///   - state: where a file system in memory of 64 MiB is mounted first, which the program alone sees.
    package init(
        executable name: String = "kusto-spool", _ arguments: [String], in directory: TemporaryDirectory,
        environment: [String: String] = [:],
        asNobody: Bool = false, behind wrapper: [String] = [], smallDiskOn state: String? = nil
    ) throws {
        self.directory = directory
        stem = Self.counter.withLock { number in
            number += 1
            return "program-\(number)"
        }
        let become = asNobody ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []
        // Crashes of tests that kill are not worth a backtrace.
        let variables = environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { first, _ in first }.map { "\($0.key)=\($0.value)" }
        let mount = state.map { ["unshare", "--mount", "sh", "-c", "mount -t tmpfs -o size=64m tmpfs \"$0\" && exec \"$@\"", $0] } ?? []
        let words = ["env"] + variables + mount + become + wrapper + [Self.built(name)] + arguments
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, directory.path("\(stem).out"), O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        posix_spawn_file_actions_addopen(&actions, 2, directory.path("\(stem).err"), O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        pid = try ChildProcess.spawn(words, &actions)
    }

    /// What it has written so far.
    package var errors: String { text("err") }
    package var output: String { text("out") }

    /// Waits until it has written `text` to its standard error.
    package func says(_ text: String, deadline: Duration = .seconds(60), on pool: WorkerPool) async throws {
        try await FileWatch.wait(for: "'\(text)' from the program", in: directory.path("\(stem).err"), deadline: deadline, on: pool) {
            String(decoding: $0, as: UTF8.self).contains(text)
        }
    }

    /// A path of the program's own mounts, as it is seen from here.
    package func inside(_ path: String) -> String { "/proc/\(pid)/root\(path)" }

    private func text(_ kind: String) -> String { String(decoding: directory.read("\(stem).\(kind)") ?? [], as: UTF8.self) }

    /// The scheduling policy of each of its threads (sched_getscheduler(2)).
    package func schedulingPolicies() throws -> [Int32] {
        guard let directory = opendir("/proc/\(pid)/task") else { throw TestSupportError("no threads of \(pid)") }
        defer { closedir(directory) }
        var policies: [Int32] = []
        while let entry = readdir(directory) {
            guard let thread = pid_t(String(decoding: DirectoryEntry.name(of: entry), as: UTF8.self)) else { continue }
            let policy = sched_getscheduler(thread)
            // One that has ended meanwhile has none.
            if policy >= 0 { policies.append(policy) }
        }
        return policies
    }

    /// Whether it has come to its end, which nobody may have waited for yet.
    package var hasEnded: Bool {
        guard let file = fopen("/proc/\(pid)/stat", "r") else { return true }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 512)
        let count = fread(&buffer, 1, buffer.count, file)
        // The state stands behind the name, which is in parentheses and has none of its own.
        return String(decoding: buffer[..<count], as: UTF8.self).contains(") Z ")
    }

    package func signal(_ number: Int32) { kill(pid, number) }

    /// Waits for its end.
    package func finish() async -> Result {
        let pid = pid
        let status: Int32 = await withCheckedContinuation { continuation in
            _ = WorkerThread(name: "wait") { continuation.resume(returning: ChildProcess.wait(for: pid)) }
        }
        return Result(status: status, output: output, errors: errors)
    }

    /// Runs it to its end.
    package static func run(
        _ arguments: [String], in directory: TemporaryDirectory, environment: [String: String] = [:], asNobody: Bool = false
    ) async throws -> Result {
        try await Program(arguments, in: directory, environment: environment, asNobody: asNobody).finish()
    }
}
