import CLinux
import Glibc
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import Testing

@Suite struct StateDirectoryTests {
    @Test("a second daemon on the same state is refused with the pid")
    func lock() throws {
        try TemporarySpool.with { temporary in
            let state = try StateDirectory.open(path: temporary.statePath)
            let error = #expect(throws: SpoolError.self) { try StateDirectory.open(path: temporary.statePath) }
            #expect(error?.kind == .locked(pid: getpid()))
            withExtendedLifetime(state) {}
        }
    }

    @Test("a lock that was given back can be taken at once, though children of this process may still have copies of its descriptor")
    func unlock() throws {
        try TemporarySpool.with { temporary in
            try SpawnStorm.with { storm in
                // The storm is one in which it matters: a lock that is given back by closing alone is found taken.
                var isSeen = false
                for _ in 0..<20_000 where !isSeen {
                    for _ in 0..<2 {
                        let file = open(temporary.directory.path("plain"), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
                        if flock(file, LOCK_EX | LOCK_NB) != 0 { isSeen = true }
                        close(file)
                    }
                }
                #expect(isSeen, "\(storm.count) children")
                for _ in 0..<500 { _ = try StateDirectory.open(path: temporary.statePath) }
                for _ in 0..<100 { _ = try temporary.open() }
                // Given back by name, it is free although the object lives on.
                let state = try StateDirectory.open(path: temporary.statePath)
                let spool = try temporary.open()
                state.unlock()
                spool.unlock()
                _ = try StateDirectory.open(path: temporary.statePath)
                _ = try temporary.open()
                withExtendedLifetime((state, spool)) {}
            }
        }
    }

    @Test("the reserve is allocated, given back and allocated again")
    func reserve() throws {
        try TemporarySpool.with { temporary in
            let state = try StateDirectory.open(path: temporary.statePath, reserve: .mebibytes(1))
            #expect(try !state.isReserveWhole())
            #expect(try state.restoreReserve())
            #expect(try state.isReserveWhole())
            var status = stat()
            #expect(stat("\(temporary.statePath)/reserve", &status) == 0 && status.st_blocks * 512 >= 1 << 20)
            try state.releaseReserve()
            #expect(stat("\(temporary.statePath)/reserve", &status) == 0 && status.st_blocks == 0)
            #expect(try !state.isReserveWhole())
        }
    }

    @Test(
        "on a disk that is really full the reserve makes room, and comes back only when there is some",
        .enabled(if: OnOwnThread.mayMount, "needs CAP_SYS_ADMIN"))
    func fullDisk() throws {
        try TemporarySpool.with { temporary in
            temporary.directory.makeDirectory("state")
            _ = try OnOwnThread.inMountNamespace {
                OnOwnThread.tmpfs(on: temporary.statePath, size: 1 << 20)
                let state = try StateDirectory.open(path: temporary.statePath, reserve: .kibibytes(256))
                #expect(try state.restoreReserve())
                try ChildProcess.startGuard.withLock { _ in
                    let filler = creat("\(temporary.statePath)/filler", 0o600)
                    defer { close(filler) }
                    let page = [UInt8](repeating: 1, count: 4096)
                    while write(filler, page, page.count) == page.count {}
                    #expect(errno == ENOSPC)
                    try state.releaseReserve()
                    #expect(write(filler, page, page.count) == page.count)
                    #expect(try !state.restoreReserve())
                    #expect(write(filler, page, page.count) == page.count, "a reserve that does not fit must not take the room either")
                }
                unlink("\(temporary.statePath)/filler")
                #expect(try state.restoreReserve())
            }
        }
    }
}
