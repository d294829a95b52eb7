package import SpoolDirectory
import SpoolPrimitives

/// Where a watcher's hints come from when it is not inotify: a simulation that drops the files itself. Hints may be lost, and nothing else depends on them.
package final class ToldHints: Sendable {
    private let listener = Lock<(@Sendable ([WatchHint]) -> Void)?>(nil)

    package init() {}

    /// Tells the watcher, if one listens.
    package func tell(_ hints: [WatchHint]) { listener.withLock { $0 }?(hints) }

    func listen(_ hear: (@Sendable ([WatchHint]) -> Void)?) { listener.withLock { $0 = hear } }
}

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
    private let told: ToldHints?

    /// - Parameters:
    ///   - signal: raised when there are news.
    ///   - told: instead of inotify.
    init(root: SpoolRoot, signal: Signal, told: ToldHints? = nil) {
        self.root = root
        self.signal = signal
        self.told = told
    }

    /// Why the spool cannot be watched, or nil.
    var unavailable: String? { state.withLock { $0.unavailable ?? $0.watch?.unavailable } }

    func start() {
        if let told {
            told.listen { [weak self] hints in self?.hear(hints, overflowed: false) }
            return
        }
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
        told?.listen(nil)
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
            hear(events.hints, overflowed: events.mustRescan || !events.newDirectories.isEmpty)
        } catch {
            state.withLock { $0.unavailable = error.description }
            stopping.set()
            hear([], overflowed: true)
        }
    }

    private func hear(_ hints: [WatchHint], overflowed: Bool) {
        state.withLock { state in
            if overflowed { state.news.overflowed = true }
            if state.news.hints.count + hints.count <= Self.limit {
                state.news.hints += hints
            } else {
                state.news.overflowed = true
            }
        }
        signal.raise()
    }
}
