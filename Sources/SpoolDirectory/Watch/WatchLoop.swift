import CLinux
import Glibc
package import SpoolPrimitives

/// Listens to any number of watches on one thread: a hundred spools cost a hundred descriptors, and not a hundred stacks.
///
/// The thread is there while somebody listens.
package final class WatchLoop: Sendable {
    private struct State {
        var epoll: Descriptor?
        var sleeper: WakeableWait?
        var thread: WorkerThread?
        var ready: [Int32: @Sendable () -> Bool] = [:]
    }

    private let state = Lock(State())
    /// Held while handlers run, so that whoever stops listening can wait for their end.
    private let turn = Lock(())

    package init() {}

    /// Calls `ready` on the loop's thread whenever there are events, until it returns false or ``remove(_:)``. It should not block.
    package func add(_ watch: Descriptor, _ ready: @escaping @Sendable () -> Bool) throws(SystemErrno) {
        try state.withLock { state throws(SystemErrno) in
            if state.epoll == nil { state.epoll = Descriptor(owning: try systemCall { epoll_create1(Int32(EPOLL_CLOEXEC)) }) }
            if state.sleeper == nil { state.sleeper = try WakeableWait() }
            guard let epoll = state.epoll, let sleeper = state.sleeper else { return }
            state.ready[watch.raw] = ready
            var event = epoll_event()
            event.events = EPOLLIN.rawValue
            event.data.fd = watch.raw
            do throws(SystemErrno) {
                _ = try systemCall { epoll_ctl(epoll.raw, EPOLL_CTL_ADD, watch.raw, &event) }
            } catch {
                state.ready[watch.raw] = nil
                throw error
            }
            if state.thread == nil { state.thread = WorkerThread(name: "watch") { [weak self] in self?.run(epoll, sleeper) } }
        }
    }

    /// After it, `ready` is not called any more, nor running. The last one ends the thread.
    package func remove(_ watch: Descriptor) {
        let (thread, sleeper) = state.withLock { state -> (WorkerThread?, WakeableWait?) in
            guard state.ready.removeValue(forKey: watch.raw) != nil else { return (nil, nil) }
            Self.forget(watch.raw, state.epoll)
            guard state.ready.isEmpty else { return (nil, nil) }
            // The next thread has a sleeper of its own: this one's wake must not go to it.
            defer {
                state.thread = nil
                state.sleeper = nil
            }
            return (state.thread, state.sleeper)
        }
        turn.withLock { _ in }
        guard let thread else { return }
        sleeper?.wake()
        thread.join()
    }

    private static func forget(_ watch: Int32, _ epoll: Descriptor?) {
        guard let epoll else { return }
        var unused = epoll_event()
        epoll_ctl(epoll.raw, EPOLL_CTL_DEL, watch, &unused)
    }

    private func run(_ epoll: Descriptor, _ sleeper: WakeableWait) {
        var events = [epoll_event](repeating: epoll_event(), count: 64)
        while true {
            do throws(SystemErrno) {
                guard case .readable = try sleeper.wait(on: epoll, atMost: nil) else { return }
            } catch {
                // poll(2) refuses nothing that was good a moment ago but for want of memory: the scans are there.
                return
            }
            let count = epoll_wait(epoll.raw, &events, Int32(events.count), 0)
            for event in events.prefix(max(0, Int(count))) { listen(to: event.data.fd, epoll) }
        }
    }

    private func listen(to watch: Int32, _ epoll: Descriptor) {
        turn.withLock { _ in
            guard let ready = state.withLock({ $0.ready[watch] }) else { return }
            if ready() { return }
            state.withLock { $0.ready[watch] = nil }
            Self.forget(watch, epoll)
        }
    }
}
