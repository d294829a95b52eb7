import Glibc
import SpoolPrimitives
import SpoolTestSupport
import SystemdService
import Testing

@Suite(.serialized) struct ServiceManagerTests {
    @Test(
        "each notification is one datagram of the protocol's assignments",
        arguments: [
            (ServiceNotification.ready(status: nil), "READY=1"),
            (.ready(status: "2 spools, cluster not reachable"), "READY=1\nSTATUS=2 spools, cluster not reachable"),
            (.status("17 files in flight"), "STATUS=17 files in flight"),
            (.status("a\nWATCHDOG=trigger\u{0}b"), "STATUS=a WATCHDOG=trigger b"),
            (.reloading(monotonic: .microseconds(1_234_567)), "RELOADING=1\nMONOTONIC_USEC=1234567"),
            (.stopping(status: "3 uploads to finish"), "STOPPING=1\nSTATUS=3 uploads to finish"),
            (.watchdog, "WATCHDOG=1"),
            (.extendTimeout(.seconds(30)), "EXTEND_TIMEOUT_USEC=30000000"),
        ])
    func datagrams(notification: ServiceNotification, datagram: String) {
        NotifySocket.with { socket in
            #expect(ServiceManager.notify(notification) == .sent)
            #expect(socket.receive() == datagram)
            #expect(socket.receive() == nil)
        }
    }

    @Test("without a service manager nothing is sent and nothing is wrong")
    func nobodyListens() {
        ProcessEnvironment.set("NOTIFY_SOCKET", to: nil)
        #expect(ServiceManager.notify(.ready(status: nil)) == .nobodyListens)
        #expect(ServiceManager.watchdogInterval == nil)
    }

    @Test("a service manager that is gone is an error and not an end")
    func managerIsGone() {
        ProcessEnvironment.set("NOTIFY_SOCKET", to: "/nonexistent/notify")
        defer { ProcessEnvironment.set("NOTIFY_SOCKET", to: nil) }
        #expect(ServiceManager.notify(.watchdog) == .failed(SystemErrno(ENOENT)))
    }

    @Test("the watchdog's interval is the unit's, for this process alone")
    func watchdogInterval() {
        NotifySocket.with(environment: ["WATCHDOG_USEC": "20000000", "WATCHDOG_PID": "\(getpid())"]) { _ in
            #expect(ServiceManager.watchdogInterval == .seconds(20))
        }
        NotifySocket.with(environment: ["WATCHDOG_USEC": "20000000", "WATCHDOG_PID": "1"]) { _ in
            #expect(ServiceManager.watchdogInterval == nil)
        }
    }
}
