import CLinux
import Glibc
package import SpoolPrimitives

/// Watches a spool's root, and its tree, with inotify(7), so that a drop is seen in milliseconds.
///
/// A hint and never the truth: a lost one costs time until the next scan, no file. Where the kernel has no watches left, or the file system
/// tells nothing about other hosts, `unavailable` says why, and the caller scans in intervals instead.
///
/// `read` never blocks; a ``WatchLoop`` says when there is something to read.
package final class SpoolWatch: Sendable {
    private struct State {
        var directories: [Int32: RelativePath] = [:]
        var unavailable: String?
    }

    private let spool: SpoolRoot
    private let inotify: Descriptor?
    private let state = Lock(State())

    /// Begins to watch. What is there already gives no hint: scan after this.
    package init(_ spool: SpoolRoot) throws(SpoolError) {
        self.spool = spool
        if case .network(let name) = spool.filesystem {
            inotify = nil
            state.withLock { $0.unavailable = "\(name) does not tell what other hosts do" }
            return
        }
        let raw = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
        if raw < 0 {
            let reason = "inotify_init1: \(SystemErrno.current); see fs.inotify.max_user_instances"
            inotify = nil
            state.withLock { $0.unavailable = reason }
            return
        }
        inotify = Descriptor(owning: raw)
        state.withLock { watch(spool.root, at: .root, &$0) }
    }

    /// Why hints do not come, or not for all directories: the caller scans in intervals then. Nil while all is watched.
    package var unavailable: String? { state.withLock { $0.unavailable } }

    /// Readable when there are events; nil where there is no inotify at all.
    package var descriptor: Descriptor? { inotify }

    /// The events that have come, at most 64 KiB of them (about 1,000); empty when there are none.
    package func read() throws(SpoolError) -> WatchEvents {
        var events = WatchEvents()
        guard let inotify else { return events }
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count: Int
        do throws(SystemErrno) { count = try systemCall { Glibc.read(inotify.raw, &buffer, buffer.count) } } catch {
            if error.code == EAGAIN { return events }
            throw SpoolError("read the events of", spool.path, error)
        }
        state.withLock { state in
            for event in InotifyEvent.parse(buffer[..<count]) { take(event, &state, &events) }
        }
        return events
    }

    private func take(_ event: InotifyEvent, _ state: inout State, _ events: inout WatchEvents) {
        if event.has(Int(IN_Q_OVERFLOW)) {
            events.mustRescan = true
            return
        }
        guard let directory = state.directories[event.watch] else { return }
        if event.has(Int(IN_IGNORED)) || event.has(Int(IN_UNMOUNT)) {
            state.directories[event.watch] = nil
            // Never by a removal, since the spool holds its root: see `SpoolRoot.requireRoot()`.
            if directory.components.isEmpty { state.unavailable = "the root was unmounted" }
            return
        }
        guard let name = event.name, !SpoolRoot.isOwn(name, in: directory) else { return }
        if event.has(Int(IN_ISDIR)) {
            takeDirectory(event, directory.appending(name), &state, &events)
        } else if event.has(Int(IN_MOVED_TO)) {
            events.hints.append(WatchHint(directory: directory, name: name, hint: .movedIn))
        } else if event.has(Int(IN_CLOSE_WRITE)) {
            events.hints.append(WatchHint(directory: directory, name: name, hint: .closedAfterWriting))
        }
    }

    private func takeDirectory(_ event: InotifyEvent, _ path: RelativePath, _ state: inout State, _ events: inout WatchEvents) {
        guard path.depth <= spool.options.treeDepth else { return }
        if event.has(Int(IN_MOVED_FROM)) {
            // It has another path now, or none: its watches would tell wrong ones.
            for (watch, watched) in state.directories where watched.hasPrefix(path) { unwatch(watch, &state) }
            return
        }
        if open(path, &state) { events.newDirectories.append(path) }
    }

    /// Opens and watches a directory of the tree; returns false where there is none to scan any more.
    private func open(_ path: RelativePath, _ state: inout State) -> Bool {
        do throws(SystemErrno) {
            watch(try spool.root.open(path), at: path, &state)
            return true
        } catch {
            switch error.code {
            // Gone again, or exchanged for something else: the next event or scan tells. One that may not be read is an oddity of the scan.
            case ENOENT, ENOTDIR, ELOOP, EACCES: break
            default: state.unavailable = "\(spool.path)/\(path): \(error)"
            }
            return false
        }
    }

    private func unwatch(_ watch: Int32, _ state: inout State) {
        if let inotify { inotify_rm_watch(inotify.raw, watch) }
        state.directories[watch] = nil
    }

    /// Watches a directory and then those in it: in this order, so that one made meanwhile is in the events if it is not in the listing.
    private func watch(_ directory: OpenDirectory, at path: RelativePath, _ state: inout State) {
        guard let inotify else { return }
        let isTree = path.depth < spool.options.treeDepth
        let mask = IN_MOVED_TO | IN_CLOSE_WRITE | IN_ONLYDIR | (isTree ? IN_CREATE | IN_MOVED_FROM : 0)
        // By the descriptor and not by the path, which somebody may exchange.
        let watch = inotify_add_watch(inotify.raw, "/proc/self/fd/\(directory.raw)", UInt32(mask))
        guard watch >= 0 else {
            state.unavailable = "inotify_add_watch for \(directory.path): \(SystemErrno.current); see fs.inotify.max_user_watches"
            return
        }
        state.directories[watch] = path
        guard isTree else { return }
        do throws(SystemErrno) {
            let reader = DirectoryReader(try directory.reopen(), windowBytes: 16 << 10)
            while let entries = try reader.next() {
                for entry in entries where entry.kind == .directory && !SpoolRoot.isOwn(entry.name, in: path) {
                    _ = open(path.appending(entry.name), &state)
                }
            }
        } catch { state.unavailable = "\(directory.path): \(error)" }
    }
}
