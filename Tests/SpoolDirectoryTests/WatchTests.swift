import CLinux
import Glibc
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import Testing

@Suite struct WatchTests {
    @Test("a file renamed in and one closed after writing give their hints; hidden ones and our own do not")
    func hints() throws {
        try TemporarySpool.with { temporary in
            let spool = try temporary.open()
            let watch = try SpoolWatch(spool)
            #expect(watch.unavailable == nil)
            temporary.drop(name(".writing"))
            temporary.root.rename(path(".writing"), to: path("moved"))
            temporary.drop(name("written"))
            temporary.drop(name("not ours"), in: path("done"))
            #expect(try WakeableWait().wait(on: watch.descriptor, atMost: nil) == .readable)
            #expect(
                try watch.read().hints == [
                    WatchHint(directory: .root, name: name("moved"), hint: .movedIn),
                    WatchHint(directory: .root, name: name("written"), hint: .closedAfterWriting),
                ])
            _ = try spool.claim([name("moved")], into: claimName(1))
            #expect(try watch.read() == WatchEvents())
        }
    }

    @Test("one loop tells each listener of its own watch, and nobody who has stopped listening; it ends with its last and begins again")
    func loop() async throws {
        let loop = WatchLoop()
        for _ in 0..<2 { try await TemporaryDirectory.with { try await listen(in: $0, loop) } }
    }

    private func listen(in directory: TemporaryDirectory, _ loop: WatchLoop) async throws {
        let first = try Listener("first", directory, loop)
        let second = try Listener("second", directory, loop)
        first.drop("a")
        second.drop("b")
        second.drop("c")
        #expect(await first.hints(1) == [name("a")])
        #expect(await second.hints(2) == [name("b"), name("c")])
        first.stop()
        first.drop("unheard")
        second.drop("d")
        #expect(await second.hints(1) == [name("d")])
        first.stop()
        second.stop()
        // The thread is gone: whoever was not to be told has not been.
        #expect(await first.end() == [])
    }

    /// A spool, its watch, and what the loop tells of it.
    private final class Listener: @unchecked Sendable {  // used by the test's task alone, but for what the loop yields
        private let spool: String
        private let directory: TemporaryDirectory
        private let watch: SpoolWatch
        private let loop: WatchLoop
        private let heard: AsyncStream<FileName>.Continuation
        private var names: AsyncStream<FileName>.Iterator

        init(_ spool: String, _ directory: TemporaryDirectory, _ loop: WatchLoop) throws {
            self.loop = loop
            self.spool = spool
            self.directory = directory
            directory.makeDirectory(spool, mode: 0o2770)
            let watch = try SpoolWatch(
                SpoolRoot.open(path: directory.path(spool), ownerUUID: TemporarySpool.owner, options: TemporarySpool.options))
            self.watch = watch
            let (stream, heard) = AsyncStream.makeStream(of: FileName.self)
            self.heard = heard
            names = stream.makeAsyncIterator()
            try loop.add(try #require(watch.descriptor)) {
                do throws(SpoolError) {
                    for hint in try watch.read().hints { heard.yield(hint.name) }
                } catch {
                    Issue.record(error)
                }
                return true
            }
        }

        func drop(_ name: String) {
            directory.write("x", to: "incoming")
            directory.rename(TemporaryDirectory.relative("incoming"), to: TemporaryDirectory.relative("\(spool)/\(name)"))
        }

        func hints(_ count: Int) async -> [FileName] {
            var found: [FileName] = []
            while found.count < count, let name = await names.next() { found.append(name) }
            return found
        }

        func stop() { if let descriptor = watch.descriptor { loop.remove(descriptor) } }

        /// What was heard and not asked for.
        func end() async -> [FileName] {
            heard.finish()
            return await hints(.max)
        }
    }

    @Test("directories of the tree are watched as they come, and said to be scanned; one that goes is forgotten")
    func tree() throws {
        try TemporarySpool.with { temporary in
            var options = TemporarySpool.options
            options.treeDepth = 2
            temporary.root.makeDirectory("old")
            temporary.root.makeDirectory("old/below")
            let spool = try temporary.open(options: options)
            let watch = try SpoolWatch(spool)
            temporary.drop(name("a"), in: path("old/below"))
            #expect(try watch.read().hints == [WatchHint(directory: path("old/below"), name: name("a"), hint: .closedAfterWriting)])
            temporary.directory.makeDirectory("new")
            temporary.directory.makeDirectory("new/deep")
            temporary.directory.rename(path("new"), to: path("spool/new"))
            #expect(try watch.read().newDirectories == [path("new")])
            temporary.drop(name("b"), in: path("new/deep"))
            #expect(try watch.read().hints == [WatchHint(directory: path("new/deep"), name: name("b"), hint: .closedAfterWriting)])
            temporary.root.rename(path("new"), to: path("renamed"))
            #expect(try watch.read().newDirectories == [path("renamed")])
            temporary.drop(name("c"), in: path("renamed/deep"))
            #expect(try watch.read().hints == [WatchHint(directory: path("renamed/deep"), name: name("c"), hint: .closedAfterWriting)])
            let cursor = try spool.scan(path("renamed"))
            var names: [FileName] = []
            while let window = try cursor.next() { names += window.names }
            #expect(Set(names) == [name("b"), name("c")])
        }
    }

    @Test("an overflow of the kernel's queue asks for a scan of everything")
    func overflow() throws {
        try TemporarySpool.with { temporary in
            let watch = try SpoolWatch(temporary.open())
            guard let file = fopen("/proc/sys/fs/inotify/max_queued_events", "r") else { return }
            defer { fclose(file) }
            var text = [CChar](repeating: 0, count: 32)
            fgets(&text, 32, file)
            let limit = Int(String(decoding: text.prefix { $0 >= 48 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)) ?? 0
            // One event after the other of different files, so that the kernel does not join them. Twice as many as it keeps: a process that another test
            // is starting may hold a file open for a moment longer, whose event then comes late, and is joined with its neighbour.
            for index in 0..<(2 * limit) { temporary.root.write("", to: "f\(index % 2)") }
            var mustRescan = false
            while true {
                let events = try watch.read()
                if events == WatchEvents() { break }
                mustRescan = mustRescan || events.mustRescan
            }
            #expect(mustRescan)
        }
    }

    @Test("a root that was removed or exchanged stops the scan, since producers drop elsewhere by then", arguments: [false, true])
    func rootIsReplaced(isExchanged: Bool) throws {
        try TemporarySpool.with { temporary in
            let spool = try temporary.open()
            temporary.directory.rename(path("spool"), to: path("old"))
            if isExchanged { temporary.directory.makeDirectory("spool") }
            let error = #expect(throws: SpoolError.self) { try spool.scan() }
            #expect(error?.kind == .rootReplaced)
        }
    }
}
