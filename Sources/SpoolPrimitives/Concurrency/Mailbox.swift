import Glibc

/// A queue that one thread empties as a whole and sleeps on while it is empty.
///
/// The taker gets everything that has arrived since it last looked, which is what makes group commit and batched
/// directory work fall out by themselves: the busier the producers, the larger the batch.
package final class Mailbox<Element>: @unchecked Sendable {  // every access to the fields is between lock and unlock
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let arrived: UnsafeMutablePointer<pthread_cond_t>
    private var elements: [Element] = []
    private var isClosed = false

    package init() {
        mutex = .allocate(capacity: 1)
        arrived = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        arrived.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(arrived, nil)
    }

    deinit {
        pthread_cond_destroy(arrived)
        pthread_mutex_destroy(mutex)
        arrived.deallocate()
        mutex.deallocate()
    }

    /// Adds an element; returns false, and keeps nothing, once the mailbox is closed.
    package func put(_ element: sending Element) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if isClosed { return false }
        elements.append(element)
        if elements.count == 1 { pthread_cond_signal(arrived) }
        return true
    }

    /// What arrived since the last call, waiting for the first element; nil when the mailbox is closed and empty.
    package func takeAll() -> [Element]? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while elements.isEmpty {
            if isClosed { return nil }
            pthread_cond_wait(arrived, mutex)
        }
        let taken = elements
        elements = []
        return taken
    }

    /// Lets elements gather: returns after `time`, or when the mailbox is closed.
    package func gather(for time: Duration) {
        var end = Self.realTime(in: time)
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while !isClosed, pthread_cond_timedwait(arrived, mutex, &end) != ETIMEDOUT {}
    }

    /// The same, but waits `limit` at the most: an empty array when nothing arrived.
    package func takeAll(atMost limit: Duration) -> [Element]? {
        var end = Self.realTime(in: limit)
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while elements.isEmpty {
            if isClosed { return nil }
            if pthread_cond_timedwait(arrived, mutex, &end) == ETIMEDOUT { break }
        }
        let taken = elements
        elements = []
        return taken
    }

    /// What arrived since the last call, without waiting; empty when there is nothing.
    package func takeGathered() -> [Element] {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        let taken = elements
        elements = []
        return taken
    }

    /// The next element in order of arrival, waiting for it; nil when the mailbox is closed and empty.
    /// For several takers that share the work.
    package func takeOne() -> Element? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while elements.isEmpty {
            if isClosed { return nil }
            pthread_cond_wait(arrived, mutex)
        }
        let element = elements.removeFirst()
        if !elements.isEmpty { pthread_cond_signal(arrived) }
        return element
    }

    /// Refuses what comes from now on; what is in the box is still taken.
    package func close() {
        pthread_mutex_lock(mutex)
        isClosed = true
        pthread_cond_broadcast(arrived)
        pthread_mutex_unlock(mutex)
    }

    /// What pthread_cond_timedwait(3) takes.
    private static func realTime(in duration: Duration) -> timespec {
        var end = timespec()
        clock_gettime(CLOCK_REALTIME, &end)
        let (seconds, attoseconds) = duration.components
        let nanoseconds = end.tv_nsec + Int(attoseconds / 1_000_000_000)
        end.tv_sec += Int(seconds) + nanoseconds / 1_000_000_000
        end.tv_nsec = nanoseconds % 1_000_000_000
        return end
    }
}
