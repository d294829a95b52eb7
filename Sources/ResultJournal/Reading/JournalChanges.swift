import CLinux
import Glibc
import SpoolPrimitives

/// Tells that something happened in a journal's directory: a line, a rotation, a removal.
final class JournalChanges: Sendable {
    private let inotify: Descriptor?
    private let sleeper: WakeableWait
    private let path: String

    init(_ directory: JournalDirectory) throws(JournalError) {
        path = directory.path
        sleeper = try naming("watch", directory.path, WakeableWait())
        let raw = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
        let inotify = raw < 0 ? nil : Descriptor(owning: raw)
        // Watches are a scarce good and only make it faster: without one, waits are short.
        let isWatching = inotify.map { Self.watch(directory, $0) } ?? false
        self.inotify = isWatching ? inotify : nil
    }

    private static func watch(_ directory: JournalDirectory, _ inotify: Descriptor) -> Bool {
        let mask = UInt32(IN_MODIFY | IN_CREATE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF)
        return inotify_add_watch(inotify.raw, "/proc/self/fd/\(directory.descriptor.raw)", mask) >= 0
    }

    /// Watches another directory from now on, too; where that fails, the waits' bound is the reader's.
    func follow(_ directory: JournalDirectory) {
        if let inotify { _ = Self.watch(directory, inotify) }
    }

    func wait(atMost timeout: Duration?) throws(JournalError) -> WakeableWait.Outcome {
        guard let inotify else { return try naming("watch", path, sleeper.wait(on: nil, atMost: min(timeout ?? .seconds(1), .seconds(1)))) }
        let outcome = try naming("watch", path, sleeper.wait(on: inotify, atMost: timeout))
        if outcome == .readable {
            // What happened does not matter, only that it did; an overflow is an event like any other.
            var buffer = [UInt8](repeating: 0, count: 16 << 10)
            while Glibc.read(inotify.raw, &buffer, buffer.count) > 0 {}
        }
        return outcome
    }

    func wake() { sleeper.wake() }
}
