import Glibc
package import SpoolPrimitives

/// A shell command in a process of its own, spoken to through its standard input and output.
package final class ChildProcess: Sendable {
    package let pid: Int32

    /// Held while a child starts, and while a fixture has a file open for writing: between fork and exec a child holds copies of all our
    /// descriptors, close-on-exec or not, and a claim would find the file still open.
    package static let startGuard = Lock(())

    private let socket: Descriptor

    /// Starts `/bin/sh -c command`, with `arguments` as $1, $2 …
    package init(_ command: String, _ arguments: [String] = []) {
        var ends: [Int32] = [0, 0]
        // A socket pair and not two pipes: it is close-on-exec from the start, so that no other test's child inherits it.
        let isMade = socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0
        precondition(isMade, "socketpair: \(SystemErrno.current)")
        socket = Descriptor(owning: ends[0])
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        var pid = pid_t()
        var argv = (["/bin/sh", "-c", command, "sh"] + arguments).map { strdup($0) } + [nil]
        let result = Self.startGuard.withLock { _ in posix_spawn(&pid, "/bin/sh", &actions, nil, &argv, environ) }
        precondition(result == 0, "posix_spawn: \(SystemErrno(result))")
        for argument in argv { free(argument) }
        posix_spawn_file_actions_destroy(&actions)
        close(ends[1])
        self.pid = pid
    }

    /// The next line that it prints, waiting for it; what there is of one at the end.
    package func readLine() -> String {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(socket.raw, &byte, 1) == 1, byte != UInt8(ascii: "\n") { line.append(byte) }
        return String(decoding: line, as: UTF8.self)
    }

    /// Ends its input and waits for it.
    ///
    /// - Returns: its exit status, or 128 and the signal's number.
    package func finish() -> Int32 {
        shutdown(socket.raw, Int32(SHUT_WR))
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
    }
}
