/// A message as its queue keeps it.
struct QueueMessage: Sendable {
    let id: String
    var text: String
    let inserted: Moment
    /// Nil: never.
    let expires: Moment?
    var visible: Moment
    var receipt: String
    var dequeued = 0
    /// Which hiding the message is in: an entry of the heap that is of another one is stale.
    var generation = 0
}
