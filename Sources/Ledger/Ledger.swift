import GRDB
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

    /// How many transactions with changes have been committed. Queries do not count.
    package var commitCount: UInt64 { commits.withLock { $0 } }

    /// Opens the ledger at `path`, or makes a new one.
    ///
    /// - Parameters:
    ///   - makeIdentity: for a new ledger: a UUID and 60 random bits.
    ///   - hasEvents: called on the ledger's thread after a commit that added to the outbox.
    package static func open(
        path: String, makeIdentity: () -> (uuid: String, bits: UInt64), hasEvents: @escaping @Sendable () -> Void
    ) throws(LedgerError) -> Ledger {
        do {
            let store = try LedgerStore(path: path, makeIdentity: makeIdentity)
            return Ledger(store, hasEvents: hasEvents)
        } catch {
            throw LedgerError(error, operation: "opening the ledger \(path)")
        }
    }

    private init(_ store: sending LedgerStore, hasEvents: @escaping @Sendable () -> Void) {
        identity = store.writer.identity
        let commits = Lock<UInt64>(0)
        self.commits = commits
        let box = Lock(store)
        let mailbox = mailbox
        thread = WorkerThread(name: "ledger") {
            while let submissions = mailbox.takeAll() {
                // The lock is never contended: this thread is the store's only user. It makes the hand-over visible to the compiler.
                let result = box.withLock { $0.run(submissions) }
                if result.committed { commits.withLock { $0 += 1 } }
                if result.madeEvents { hasEvents() }
            }
        }
    }

    /// Stores the changes in one transaction, shared with whatever else has gathered; returns when it is on disk.
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
    static let closed = LedgerError(.closed, operation: "committing to the ledger", detail: "the ledger is closed")

    /// - Parameter error: of GRDB or the system.
    init(_ error: any Error, operation: String) {
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
            case .SQLITE_IOERR: .storageFailed
            case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_CANTOPEN, .SQLITE_READONLY: .unusable
            default: .other
            }
        self.init(reason, operation: operation, detail: database.message ?? "\(database.resultCode)")
    }
}
