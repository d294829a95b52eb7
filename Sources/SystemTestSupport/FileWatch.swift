import Glibc
package import SpoolPrimitives
import SpoolTestSupport

/// Waits for what another process writes into a file.
package enum FileWatch {
    /// Returns when the file satisfies `condition`; throws after `deadline`.
    ///
    /// - Parameters:
    ///   - path: of a file that is there, or comes.
    ///   - interval: the condition is asked anew after so long even where nothing is written, since it may look at other things, too.
    ///   - pool: on which the wait blocks a thread.
    package static func wait(
        for what: String, in path: String, deadline: Duration = .seconds(60), every interval: Duration = .seconds(60), on pool: WorkerPool,
        until condition: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws {
        let isMet = await pool.run { () -> Bool in
            let time = SystemTime()
            let end = time.monotonicNow + deadline
            // A user has a hundred or so of them, and many tests at once have that many daemons: then it is looked at now and then.
            let raw = inotify_init1(Int32(IN_CLOEXEC))
            let changes = raw >= 0 ? Descriptor(owning: raw) : nil
            // Its directory too: the file itself may not be there yet.
            let directory = String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
            let isWatched = changes.map { inotify_add_watch($0.raw, directory, UInt32(IN_CREATE | IN_MODIFY)) >= 0 } ?? false
            let interval = isWatched ? interval : .milliseconds(200)
            var buffer = [UInt8](repeating: 0, count: 4096)
            while !condition(contents(of: path)) {
                let left = end - time.monotonicNow
                guard left > .zero else { return false }
                var wait = pollfd(fd: changes?.raw ?? -1, events: Int16(POLLIN), revents: 0)
                if poll(&wait, 1, Int32(min(left, interval) / .milliseconds(1)) + 1) > 0, let changes {
                    _ = read(changes.raw, &buffer, buffer.count)
                }
            }
            return true
        }
        if !isMet { throw TestSupportError("no \(what) within \(deadline)") }
    }

    private static func contents(of path: String) -> [UInt8] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return bytes
    }
}
