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

/// Gathers what inotify says about a spool, for its watcher: what the thread of all watches reads waits here, bounded.
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
        var unavailable: String?
    }

    /// A burst beyond this is what the scan is for.
    private static let limit = 16_384
    private let root: SpoolRoot
    private let signal: Signal
    private let state = Lock(State())
    private let loop: WatchLoop
    private let told: ToldHints?

    /// - Parameters:
    ///   - signal: raised when there are news.
    ///   - loop: that all watches share.
    ///   - told: instead of inotify.
    init(root: SpoolRoot, signal: Signal, loop: WatchLoop, told: ToldHints? = nil) {
        self.loop = loop
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
        state.withLock { $0.watch = watch }
        guard let descriptor = watch.descriptor else { return }
        do throws(SystemErrno) {
            try loop.add(descriptor) { [weak self] in self?.listen(to: watch) ?? false }
        } catch {
            state.withLock { $0.unavailable = "the watch cannot be listened to: \(error)" }
        }
    }

    func stop() {
        told?.listen(nil)
        if let descriptor = state.withLock({ $0.watch })?.descriptor { loop.remove(descriptor) }
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

    /// - Returns: whether to go on listening.
    private func listen(to watch: SpoolWatch) -> Bool {
        do throws(SpoolError) {
            let events = try watch.read()
            hear(events.hints, overflowed: events.mustRescan || !events.newDirectories.isEmpty)
            return true
        } catch {
            state.withLock { $0.unavailable = error.description }
            hear([], overflowed: true)
            return false
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
