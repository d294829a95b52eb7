import Glibc

/// A value guarded by a mutex.
///
/// A pthread mutex and not `Synchronization.Mutex`: the thread sanitizer understands the former only, and reports races
/// that are not there with the latter. Never held across an `await`, since `withLock` takes a synchronous closure.
package final class Lock<State>: @unchecked Sendable {  // every access to `guarded` is between lock and unlock
    /// Never empty: what has no size has the object's own address, and the thread sanitizer takes its use for a change of the object.
    private var guarded: (state: State, size: UInt8)
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>

    package init(_ state: sending State) {
        guarded = (state, 0)
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    package func withLock<Result, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&guarded.state)
    }
}
