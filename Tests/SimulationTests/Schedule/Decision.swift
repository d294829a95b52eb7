import IngestionEngine

/// What a schedule does to the engine, one thing at a time: each can be taken out, and the rest stays as it was.
enum Decision: Sendable {
    case drop(Drop)
    /// A producer goes on writing into a file that it had dropped.
    case rewrite(file: Int, at: Duration, Rewriting)
    /// What happens to the n-th call of its kind.
    case fault(CallKind, Int, Fault)
    case crash(CrashPoint, Crash)
    /// SIGTERM.
    case stop(at: Duration, downtime: Duration)
    /// What the service makes of the n-th message that it takes.
    case treatment(Int, Treatment)
    /// What becomes of the n-th notification.
    case delivery(Int, Delivery)
    /// A message in the notification queues that is not about us, or about nothing.
    case foreign(at: Duration, Foreign)
    /// Nobody answers.
    case outage(from: Duration, until: Duration)
    /// A table that is not there (yet).
    case tableMissing(spool: Int, until: Duration)
    /// The service lends other containers and queues from now on.
    case renewal(at: Duration, Renewal)
    /// The machine's wall clock is set.
    case clockSet(at: Duration, by: Duration)
    /// An operator asks for a retry of everything that waits for one.
    case operatorRetries(at: Duration)
}

/// A file that a producer drops.
struct Drop: Sendable {
    enum Kind: Sendable, CaseIterable {
        case small
        /// More than a block, and hard to compress.
        case large
        case empty
        /// Its name says gzip and its bytes do not.
        case falseGzip
    }

    enum Manner: Sendable, CaseIterable {
        case renamed
        case closed
        /// Nobody hints at it: only a scan finds it.
        case unnoticed
        /// In two pieces, the hint after the first: it is changed after the claim, if the daemon is quick.
        case twice
    }

    var number: Int
    var spool: Int
    var name: String
    var kind: Kind
    var size: Int
    var at: Duration
    var manner: Manner
}

enum Rewriting: Sendable, CaseIterable {
    /// Truncated and written anew, to the same number of bytes.
    case sameSize
    case shorter
    case longer
}

/// The kinds of calls, each counted by itself.
enum CallKind: String, Sendable, CaseIterable {
    case resources, token, putBlob, putBlock, putBlockList, putMessage, getMessages, deleteMessage, other
}

enum Fault: Sendable, Equatable {
    /// Not one byte got there.
    case refused
    /// The request was lost on its way, and the connection with it.
    case lostBefore
    /// The reply was.
    case lostAfter
    /// Nothing comes, until the client's patience ends.
    case silent(served: Bool)
    /// - served: whether the call was carried out all the same.
    case status(Int, code: String?, retryAfter: Int?, served: Bool)
    /// Served, and answered with a page of HTML.
    case html
    /// Served, and the body of the answer cut off.
    case cut
}

enum CrashPoint: Sendable {
    /// After so many steps of the loop since the last start.
    case step(Int)
    /// At a named point of the engine, the n-th time.
    case hook(EngineHooks.Point, Int)
    case time(Duration)
}

struct Crash: Sendable {
    /// Whether what had gathered for the ledger is still stored; nobody hears of it either way.
    var commits: Bool
    /// Of a hundred requests on their way, how many still arrive.
    var arrivals: Int
    var downtime: Duration
}

enum Treatment: Sendable {
    case fails(code: String, status: String, retry: Bool)
    /// A transient failure is reported first, and the success later.
    case transientFirst
    /// The rows are in, and a failure is reported all the same, before or after the success.
    case contradicted(first: Bool, code: String, status: String)
    /// The service takes its time.
    case late(Duration)
    /// The service's own repeat.
    case twice
}

enum Delivery: Sendable {
    case delayed(Duration)
    case duplicated(Duration)
    case lost
}

enum Foreign: Sendable, CaseIterable {
    case notification
    case garbage
    /// Ours by its prefix, and of a row that there is not.
    case unknownRow
    /// With a signature in its path.
    case secret
}

enum Renewal: Sendable, CaseIterable {
    case containers, queues, notifications
}
