import SpoolDirectory
import SpoolPrimitives

/// Gathers what inotify says about a spool, for its watcher: a thread sleeps on the watch, and what it reads waits here, bounded.
final class HintFeed: Sendable {
    /// Hints that have come since the last look.
    struct News: Sendable {
        var hints: [WatchHint] = []
        /// Some were lost: only a scan tells.
        var overflowed = false
    }

    private struct State {
        var news = News()
        var watch: SpoolWatch?
        var thread: WorkerThread?
        var unavailable: String?
    }

    /// A burst beyond this is what the scan is for.
    private static let limit = 16_384
    private let root: SpoolRoot
    private let signal: Signal
    private let state = Lock(State())
    private let stopping = Flag()

    /// - Parameter signal: raised when there are news.
    init(root: SpoolRoot, signal: Signal) {
        self.root = root
        self.signal = signal
    }

    /// Why the spool cannot be watched, or nil.
    var unavailable: String? { state.withLock { $0.unavailable ?? $0.watch?.unavailable } }

    func start() {
        let watch: SpoolWatch
        do throws(SpoolError) {
            watch = try SpoolWatch(root)
        } catch {
            state.withLock { $0.unavailable = error.description }
            return
        }
        if watch.unavailable != nil, watch.descriptor == nil {
            state.withLock { $0.watch = watch }
            return
        }
        let thread = WorkerThread(name: "watch") { [weak self] in
            while let self, !self.stopping.isSet { self.listen(to: watch) }
        }
        state.withLock { state in
            state.watch = watch
            state.thread = thread
        }
    }

    func stop() {
        stopping.set()
        let (watch, thread) = state.withLock { ($0.watch, $0.thread) }
        watch?.wake()
        thread?.join()
    }

    /// Takes up to `limit` hints.
    func take(atMost limit: Int) -> News {
        state.withLock { state in
            var taken = News(overflowed: state.news.overflowed)
            state.news.overflowed = false
            taken.hints = Array(state.news.hints.prefix(limit))
            state.news.hints.removeFirst(taken.hints.count)
            return taken
        }
    }

    private func listen(to watch: SpoolWatch) {
        do throws(SpoolError) {
            guard case .readable = try watch.wait(atMost: nil) else { return }
            let events = try watch.read()
            state.withLock { state in
                if events.mustRescan || !events.newDirectories.isEmpty { state.news.overflowed = true }
                if state.news.hints.count + events.hints.count <= Self.limit {
                    state.news.hints += events.hints
                } else {
                    state.news.overflowed = true
                }
            }
        } catch {
            state.withLock { state in
                state.unavailable = error.description
                state.news.overflowed = true
            }
            stopping.set()
        }
        signal.raise()
    }
}
