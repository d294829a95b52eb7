import CLinux
import Glibc
import SpoolPrimitives
import SpoolTestSupport
import SystemdService
import Testing

@Suite struct SystemdJournalTests {
    @Test(
        "an entry arrives at the journal's socket as the journal's own protocol has it",
        .enabled(if: OnOwnThread.mayMount, "needs CAP_SYS_ADMIN"))
    func arrives() throws {
        // The library's path is fixed at its build, so the socket stands there, in a /run of this thread's own.
        let datagram = try OnOwnThread.inMountNamespace { () -> [UInt8] in
            OnOwnThread.tmpfs(on: "/run", size: 1 << 20)
            mkdir("/run/systemd", 0o755)
            mkdir("/run/systemd/journal", 0o755)
            let raw = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
            let journal = Descriptor(owning: raw)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array("/run/systemd/journal/socket".utf8)) }
            let length = socklen_t(MemoryLayout<sockaddr_un>.size)
            let result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(journal.raw, $0, length) }
            }
            guard result == 0 else { throw SystemErrno.current }
            #expect(
                SystemdJournal.send(message: "one\ntwo", priority: .notice, id: .fileSucceeded, fields: [("seq", "7"), ("file", "a=b")])
                    == .sent)
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = recv(journal.raw, &buffer, buffer.count, 0)
            return count < 0 ? [] : Array(buffer[..<count])
        }
        // A value with a newline: name, newline, length in 8 bytes, value, newline (systemd's "Native Journal Protocol").
        let message = Array("MESSAGE\n".utf8) + [7, 0, 0, 0, 0, 0, 0, 0] + Array("one\ntwo\n".utf8)
        let fields = Array("PRIORITY=5\nMESSAGE_ID=\(MessageID.fileSucceeded.text)\nSEQ=7\nFILE=a=b\n".utf8)
        #expect(datagram.map { $0.starts(with: message + fields) } == true)
    }
}
