import GRDB
import Glibc
import IngestionModel
import SpoolPrimitives

/// The daemon's memory: every claimed file, its source, and the events that the journal has not got yet.
///
/// SQLite in WAL mode with `synchronous=FULL`. One thread writes; what has gathered in its mailbox is one transaction (group commit),
/// so that an `await` on ``commit(_:)`` costs a share of a flush. When ``commit(_:)`` has returned, the changes are on disk.
///
/// Invariants (protocol.md §3):
/// - A row holds only what ``SourceProgress`` allowed.
/// - Events are numbered in the transaction that makes them, without a gap, and leave the outbox only when the journal has them durably.
/// - No row holds a SAS, a token or an authorizationContext (P6).
package final class Ledger: Sendable {
    /// How long a row is remembered after it has nothing left to do: longer than a queue message lives (7 days).
    package static let remembrance: Duration = .seconds(8 * 24 * 3600)

    package let identity: LedgerIdentity
    private let mailbox = Mailbox<Submission>()
    private let thread: WorkerThread?
    private let turn: LedgerTurn
    private let wake: @Sendable () -> Void
    private let commits: Lock<UInt64>
    private let published: Lock<LedgerFigures>

    /// How many transactions with changes have been committed. Queries do not count.
    package var commitCount: UInt64 { commits.withLock { $0 } }

    /// As of the last commit, without a hop to the ledger's thread.
    package var figures: LedgerFigures { published.withLock { $0 } }

    /// Opens the ledger at `path`, or makes a new one.
    ///
    /// - Parameters:
    ///   - makeIdentity: for a new ledger: a UUID and 60 random bits.
    ///   - hasEvents: called on the ledger's thread after a commit that added to the outbox.
    ///   - onFull: called on the ledger's thread when a commit finds the disk full; whether it has made room, so that the commit is worth another try.
    ///   - makesRoom: whether a new ledger's log gets the size at once that it would soon have.
    ///   - runner: who runs what is submitted.
    package static func open(
        path: String, makeIdentity: () -> (uuid: String, bits: UInt64), hasEvents: @escaping @Sendable () -> Void,
        onFull: @escaping @Sendable () -> Bool = { false }, makesRoom: Bool = true, runner: LedgerRunner = .ownThread
    ) throws(LedgerError) -> Ledger {
        do {
            let store = try LedgerStore(path: path, makeIdentity: makeIdentity, onFull: onFull, makesRoom: makesRoom)
            return Ledger(store, hasEvents: hasEvents, runner: runner)
        } catch {
            throw LedgerError(error, operation: "opening the ledger \(path)")
        }
    }

    private init(_ store: sending LedgerStore, hasEvents: @escaping @Sendable () -> Void, runner: LedgerRunner) {
        identity = store.writer.identity
        commits = store.commits
        published = store.figures
        let turn = LedgerTurn(store, hasEvents: hasEvents)
        self.turn = turn
        switch runner {
        case .ownThread:
            let mailbox = mailbox
            thread = WorkerThread(name: "ledger") { turn.runUntilClosed(mailbox) }
            wake = {}
        case .caller(let wake):
            thread = nil
            self.wake = wake
        }
    }

    /// From now on a change that finds the disk full fails at once, and so do those that wait for room: for a stop, which cannot wait.
    package func stopWaitingForRoom() {
        turn.stopWaitingForRoom()
        // Wakes the thread.
        _ = submit(Submission(kind: .query({ _, _ in }, abandon: {})))
    }

    /// Stores the changes in one transaction, shared with whatever else has gathered; returns when it is on disk. Waits while the disk is full, until
    /// ``stopWaitingForRoom()``.
    ///
    /// - Returns: an outcome for each change, in their order.
    /// - Throws: when the transaction failed; then none of the changes is stored.
    package func commit(_ changes: [LedgerChange]) async throws(LedgerError) -> [LedgerOutcome] {
        if changes.isEmpty { return [] }
        let result: Result<[LedgerOutcome], LedgerError> = await withCheckedContinuation { continuation in
            let accepted = submit(Submission(kind: .changes(changes, { continuation.resume(returning: $0) })))
            if !accepted { continuation.resume(returning: .failure(.closed)) }
        }
        return try result.get()
    }

    /// Stores one change; its outcome.
    package func commit(_ change: LedgerChange) async throws(LedgerError) -> LedgerOutcome {
        let outcomes = try await commit([change])
        return outcomes.first ?? .done
    }

    /// Runs a query on the ledger's thread, after the changes submitted before it. It answers from what is on disk, also when those failed.
    func read<Value: Sendable>(_ query: @escaping @Sendable (Database, LedgerWriter) throws -> Value) async throws(LedgerError) -> Value {
        let result: Result<Value, LedgerError> = await withCheckedContinuation { continuation in
            let submission = Submission(
                kind: .query(
                    { db, writer in
                        do {
                            continuation.resume(returning: .success(try query(db, writer)))
                        } catch {
                            continuation.resume(returning: .failure(LedgerError(error, operation: "reading the ledger")))
                        }
                    }, abandon: { continuation.resume(returning: .failure(.closed)) }))
            if !submit(submission) { continuation.resume(returning: .failure(.closed)) }
        }
        return try result.get()
    }

    /// The number of a spool; known from now on with this route.
    package func register(spool path: String, route: RouteOfSpool) async throws(LedgerError) -> SpoolKey {
        let result: Result<SpoolKey, LedgerError> = await withCheckedContinuation { continuation in
            let submission = Submission(kind: .register(path, route, { continuation.resume(returning: $0) }))
            if !submit(submission) { continuation.resume(returning: .failure(.closed)) }
        }
        return try result.get()
    }

    private func submit(_ submission: Submission) -> Bool {
        let accepted = mailbox.put(submission)
        wake()
        return accepted
    }

    /// Runs what has gathered, as one turn of the ledger's thread. Only for whoever opened the ledger with ``LedgerRunner/caller(wake:)``.
    package func runGathered() {
        precondition(thread == nil, "the ledger has a thread of its own")
        turn.run(mailbox.takeGathered())
    }

    /// Ends the thread after what it has been given; blocks until then. Without a thread what has gathered is not stored, and told so: to whoever waits
    /// for it the ledger is as gone as after a crash.
    package func close() {
        mailbox.close()
        if let thread {
            thread.join()
        } else {
            for submission in mailbox.takeGathered() { submission.abandon() }
            turn.end()
        }
    }
}

/// What waits for the ledger's thread.
struct Submission: Sendable {
    enum Kind: Sendable {
        case changes([LedgerChange], @Sendable (Result<[LedgerOutcome], LedgerError>) -> Void)
        /// The first closure runs it; the second says that nobody will.
        case query(@Sendable (Database, LedgerWriter) -> Void, abandon: @Sendable () -> Void)
        case register(String, RouteOfSpool, @Sendable (Result<SpoolKey, LedgerError>) -> Void)
    }

    let kind: Kind
}

extension LedgerError {
    private static let flushes: [ResultCode] = [.SQLITE_IOERR_FSYNC, .SQLITE_IOERR_DIR_FSYNC]

    static let closed = LedgerError(.closed, operation: "committing to the ledger", detail: "the ledger is closed")

    /// - Parameters:
    ///   - error: of GRDB or the system.
    ///   - systemError: what the last failed system call of the connection said, or 0.
    init(_ error: any Error, systemError: CInt = 0, operation: String) {
        if let own = error as? LedgerError {
            self = own
            return
        }
        guard let database = error as? DatabaseError else {
            self.init(.other, operation: operation, detail: "\(error)")
            return
        }
        let reason: Reason =
            switch database.resultCode {
            case .SQLITE_FULL: .full
            // A quota, or a log whose shared index finds no room. What a failed flush left on disk nobody knows, whatever its errno.
            case .SQLITE_IOERR where [ENOSPC, EDQUOT].contains(systemError) && !Self.flushes.contains(database.extendedResultCode): .full
            case .SQLITE_IOERR: .storageFailed
            case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_CANTOPEN, .SQLITE_READONLY: .unusable
            default: .other
            }
        self.init(reason, operation: operation, detail: database.message ?? "\(database.resultCode)")
    }
}
