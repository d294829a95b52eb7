import IngestionEngine
import Logging
import SpoolConfiguration
import SpoolDaemon
import SpoolPrimitives
import SpoolTestSupport

/// A daemon in this process: what it logs is kept, and its journal can be waited on.
package final class RunningDaemon: Sendable {
    private let daemon: Daemon
    private let log = Lock<[String]>([])
    private let spoke = Signal()
    private let journalPath: String
    private let waiting = WorkerPool(name: "journal-wait", threads: 1)

    init(_ configuration: Configuration, adopts: Bool, hooks: EngineHooks, journalPath: String) {
        let (log, spoke) = (log, spoke)
        let logger = Logger(label: "test") { _ in CapturingHandler(lines: log, spoke: spoke) }
        daemon = Daemon(configuration, adopts: adopts, logger: logger, hooks: hooks, handlesSignals: false)
        self.journalPath = journalPath
    }

    /// All that was logged so far, a line a message.
    package var logged: [String] { log.withLock { $0 } }

    /// Waits until a line of the log has `text` in it. One wait at a time.
    package func says(_ text: String, deadline: Duration = .seconds(60)) async throws {
        let time = SystemTime()
        let end = time.monotonicNow + deadline
        while !logged.contains(where: { $0.contains(text) }) {
            let left = end - time.monotonicNow
            guard left > .zero else { throw TestSupportError("the daemon did not say '\(text)' within \(deadline)") }
            await spoke.wait(atMost: left, on: time)
        }
    }

    func run<Result>(_ body: (RunningDaemon) async throws -> Result) async throws -> Result {
        defer { waiting.close() }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            let daemon = daemon
            group.addTask { try await daemon.run() }
            let result: Result
            do {
                result = try await body(self)
            } catch {
                daemon.requestStop()
                try await group.waitForAll()
                throw error
            }
            daemon.requestStop()
            try await group.waitForAll()
            return result
        }
    }

    /// The journal's events once `count` files have their verdict; throws after `deadline`, saying what was missing and what was logged.
    package func verdicts(_ count: Int, deadline: Duration = .seconds(60)) async throws -> JournalEvents {
        try await events("\(count) verdicts", deadline: deadline) { $0.verdicts.count >= count }
    }

    /// The journal's events once they satisfy `condition`.
    package func events(
        _ what: String, deadline: Duration = .seconds(60), until condition: @escaping @Sendable (JournalEvents) -> Bool
    ) async throws -> JournalEvents {
        let log = log
        return try await JournalEvents.wait(for: what, in: journalPath, deadline: deadline, on: waiting, until: condition) {
            "the daemon said:\n" + log.withLock { $0.suffix(20).joined(separator: "\n") }
        }
    }
}

struct CapturingHandler: LogHandler {
    let lines: Lock<[String]>
    let spoke: Signal
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .debug

    init(lines: Lock<[String]>, spoke: Signal) {
        self.lines = lines
        self.spoke = spoke
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let pairs = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let line = (["\(event.level)", "\(event.message)"] + pairs).joined(separator: " ")
        lines.withLock { $0.append(line) }
        spoke.raise()
    }
}
