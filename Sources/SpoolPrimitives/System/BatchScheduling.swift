import CLinux
import Glibc

/// How the kernel gives this process its turns.
package enum BatchScheduling {
    /// Asks for fewer turns that are longer: a thread that wakes lets the running one come to its end (SCHED_BATCH, sched(7)).
    ///
    /// One file goes from thread to thread a dozen times. On a busy core each of these steps would else interrupt the thread that made it, which was about to
    /// hand over more; so they come together, and the process switches half as often. An idle core starts a thread at once, as ever, and the producers of
    /// the files on this machine are interrupted less. Nothing is lost where it cannot be done. What an operator has chosen (`CPUSchedulingPolicy=`) stays.
    ///
    /// For all threads there are; those to come are started by them and inherit it.
    package static func adopt() {
        for thread in threads() where sched_getscheduler(thread) == SCHED_OTHER {
            var parameters = sched_param()
            _ = sched_setscheduler(thread, KSC_SCHED_BATCH, &parameters)
        }
    }

    private static func threads() -> [pid_t] {
        guard let directory = opendir("/proc/self/task") else { return [0] }
        defer { closedir(directory) }
        var threads: [pid_t] = []
        while let entry = readdir(directory) {
            if let thread = pid_t(String(decoding: DirectoryEntry.name(of: entry), as: UTF8.self)) { threads.append(thread) }
        }
        return threads
    }
}
