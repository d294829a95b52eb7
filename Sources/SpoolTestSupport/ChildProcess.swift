package import Glibc
package import SpoolPrimitives

/// A shell command in a process of its own, spoken to through its standard input and output.
package final class ChildProcess: Sendable {
    package let pid: Int32

    /// Held while a child starts, and while a fixture has a file open for writing: between fork and exec a child holds copies of all our
    /// descriptors, close-on-exec or not, so that a claim would find the file still open, and an unlinked file would keep its room on a full disk.
    package static let startGuard = Lock(())

    /// Starts a program, found by PATH, as posix_spawnp(3) does; when it returns, the child holds none of our close-on-exec descriptors.
    ///
    /// posix_spawnp itself returns a moment too early: the kernel lets the parent go on as soon as the child has left its memory, and closes the
    /// descriptors after that. So the end of a pipe, which the child holds like all others, tells when they are closed.
    package static func spawn(_ words: [String], _ actions: inout posix_spawn_file_actions_t) throws(SystemErrno) -> Int32 {
        var argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for word in argv { free(word) } }
        return try startGuard.withLock { _ throws(SystemErrno) in
            var ends: [Int32] = [0, 0]
            try systemCall { socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) }
            defer { close(ends[0]) }
            var pid = pid_t()
            let result = posix_spawnp(&pid, words[0], &actions, nil, &argv, environ)
            close(ends[1])
            guard result == 0 else { throw SystemErrno(result) }
            var byte: UInt8 = 0
            while read(ends[0], &byte, 1) < 0, errno == EINTR {}
            return pid
        }
    }

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
        do throws(SystemErrno) {
            pid = try Self.spawn(["/bin/sh", "-c", command, "sh"] + arguments, &actions)
        } catch {
            preconditionFailure("posix_spawn: \(error)")
        }
        posix_spawn_file_actions_destroy(&actions)
        close(ends[1])
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
        return Self.wait(for: pid)
    }

    /// Waits for the end of a child.
    ///
    /// - Returns: its exit status, or 128 and the signal's number.
    package static func wait(for pid: Int32) -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
    }
}
