import Glibc

/// Runs a program and waits for it. Its output goes nowhere, its failure is an error.
package enum Command {
    /// - Parameter words: the program, found by PATH, and its arguments.
    package static func run(_ words: String...) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor: Int32 in 0...2 { posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0) }
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var process: pid_t = 0
        let result = posix_spawnp(&process, words[0], &actions, nil, arguments, environ)
        guard result == 0 else { throw TestSupportError("\(words[0]): \(String(cString: strerror(result)))") }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        guard status == 0 else { throw TestSupportError("\(words.joined(separator: " ")): wait status \(status)") }
    }
}
