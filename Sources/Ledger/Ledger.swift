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
    private let thread: WorkerThread
    private let commits: Lock<UInt64>
    private let waitsForRoom: Lock<Bool>

    /// How many transactions with changes have been committed. Queries do not count.
    package var commitCount: UInt64 { commits.withLock { $0 } }

    /// Opens the ledger at `path`, or makes a new one.
    ///
    /// - Parameters:
    ///   - makeIdentity: for a new ledger: a UUID and 60 random bits.
    ///   - hasEvents: called on the ledger's thread after a commit that added to the outbox.
    ///   - onFull: called on the ledger's thread when a commit finds the disk full; whether it has made room, so that the commit is worth another try.
    package static func open(
        path: String, makeIdentity: () -> (uuid: String, bits: UInt64), hasEvents: @escaping @Sendable () -> Void,
        onFull: @escaping @Sendable () -> Bool = { false }
    ) throws(LedgerError) -> Ledger {
        do {
            let store = try LedgerStore(path: path, makeIdentity: makeIdentity, onFull: onFull)
            return Ledger(store, hasEvents: hasEvents)
        } catch {
            throw LedgerError(error, operation: "opening the ledger \(path)")
        }
    }

    private init(_ store: sending LedgerStore, hasEvents: @escaping @Sendable () -> Void) {
        identity = store.writer.identity
        commits = store.commits
        let waitsForRoom = Lock(true)
        self.waitsForRoom = waitsForRoom
        let box = Lock(store)
        let mailbox = mailbox
        thread = WorkerThread(name: "ledger") {
            var waiting: [Submission] = []
            while let arrived = waiting.isEmpty ? mailbox.takeAll() : mailbox.takeAll(atMost: Self.roomInterval) {
                // The lock is never contended: this thread is the store's only user. It makes the hand-over visible to the compiler.
                let result = box.withLock { $0.run(waiting + arrived) }
                waiting = result.waiting
                if !waitsForRoom.withLock({ $0 }) { Self.refuse(&waiting) }
                if result.madeEvents { hasEvents() }
            }
            Self.refuse(&waiting)
        }
    }

    /// How often changes that wait for room are tried again.
    private static let roomInterval: Duration = .seconds(1)

    private static func refuse(_ waiting: inout [Submission]) {
        for submission in waiting {
            submission.fail(LedgerError(.full, operation: "committing to the ledger", detail: "the disk is full"))
        }
        waiting = []
    }

    /// From now on a change that finds the disk full fails at once, and so do those that wait for room: for a stop, which cannot wait.
    package func stopWaitingForRoom() {
        waitsForRoom.withLock { $0 = false }
        // Wakes the thread.
        _ = mailbox.put(Submission(kind: .query({ _, _ in })))
    }

    /// Stores the changes in one transaction, shared with whatever else has gathered; returns when it is on disk. Waits while the disk is full, until
    /// ``stopWaitingForRoom()``.
    ///
    /// - Returns: an outcome for each change, in their order.
    /// - Throws: when the transaction failed; then none of the changes is stored.
    package func commit(_ changes: [LedgerChange]) async throws(LedgerError) -> [LedgerOutcome] {
        if changes.isEmpty { return [] }
        let result: Result<[LedgerOutcome], LedgerError> = await withCheckedContinuation { continuation in
            let accepted = mailbox.put(Submission(kind: .changes(changes, { continuation.resume(returning: $0) })))
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
                kind: .query { db, writer in
                    do {
                        continuation.resume(returning: .success(try query(db, writer)))
                    } catch {
                        continuation.resume(returning: .failure(LedgerError(error, operation: "reading the ledger")))
                    }
                })
            if !mailbox.put(submission) { continuation.resume(returning: .failure(.closed)) }
        }
        return try result.get()
    }

    /// The number of a spool; known from now on with this route.
    package func register(spool path: String, route: RouteOfSpool) async throws(LedgerError) -> SpoolKey {
        let result: Result<SpoolKey, LedgerError> = await withCheckedContinuation { continuation in
            let submission = Submission(kind: .register(path, route, { continuation.resume(returning: $0) }))
            if !mailbox.put(submission) { continuation.resume(returning: .failure(.closed)) }
        }
        return try result.get()
    }

    /// Ends the thread after what it has been given; blocks until then.
    package func close() {
        mailbox.close()
        thread.join()
    }
}

/// What waits for the ledger's thread.
struct Submission: Sendable {
    enum Kind: Sendable {
        case changes([LedgerChange], @Sendable (Result<[LedgerOutcome], LedgerError>) -> Void)
        case query(@Sendable (Database, LedgerWriter) -> Void)
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
