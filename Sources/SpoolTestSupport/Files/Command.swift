import Glibc

/// Runs a program and waits for it. Its output goes nowhere, its failure is an error.
package enum Command {
    /// - Parameter words: the program, found by PATH, and its arguments.
    package static func run(_ words: String...) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor: Int32 in 0...2 { posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0) }
        let status = ChildProcess.wait(for: try ChildProcess.spawn(words, &actions))
        guard status == 0 else { throw TestSupportError("\(words.joined(separator: " ")): exit status \(status)") }
    }
}
