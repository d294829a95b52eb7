import Glibc

/// The process's own file descriptors.
package enum Descriptors {
    /// Allows as many as the system lets this process have: a thousand requests on their way are a thousand sockets, and many systems begin a process
    /// with room for no more than that. Nothing is lost where it cannot be done: connections are refused then, and tried again.
    package static func raiseLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
