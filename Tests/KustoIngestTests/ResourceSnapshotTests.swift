import KustoIngest
import KustoWire
import SpoolPrimitives
import Testing

@Suite struct ResourceSnapshotTests {
    @Test(
        "an account's containers and queues have one key, path-style accounts one each",
        arguments: [
            ("https://acct.blob.core.windows.net/c?s", "acct.core.windows.net"),
            ("https://acct.queue.core.windows.net/q?s", "acct.core.windows.net"),
            ("https://ACCT.queue.core.windows.net/q", "acct.core.windows.net"),
            ("https://acct.z12.blob.storage.azure.net/c", "acct.z12.storage.azure.net"),
            ("https://blob.core.windows.net/c", "blob.core.windows.net"), ("https://storage.example.com/c", "storage.example.com"),
            ("http://127.0.0.1:10000/acct1/c?s", "127.0.0.1:10000/acct1"), ("http://127.0.0.1:10000/acct2/c", "127.0.0.1:10000/acct2"),
            ("http://localhost/acct1/c", "localhost:80/acct1"), ("https://emulator.example:8443/acct1/c", "emulator.example:8443/acct1"),
        ])
    func accountKeys(url: String, key: String) throws {
        #expect(StorageAccountKey(try #require(SecretURL(url))).name == key)
    }

    @Test("a resource's signature ends when `se` says, and nobody knows when it says nothing")
    func expiry() throws {
        func resource(_ query: String) throws -> StorageResource {
            StorageResource(IngestionResource(kind: .tempStorage, url: try #require(SecretURL("https://a/c?\(query)"))))
        }
        let end = try #require(Timestamp(iso8601: "2026-01-01T12:00:00Z"))
        for text in ["2026-01-01T12:00:00Z", "2026-01-01T12%3A00%3A00Z", "2026-01-01T12%3A00Z", "2026-01-01T12:00:00.0000000Z"] {
            let resource = try resource("sv=1&se=\(text)&sig=x")
            #expect(resource.expiry == end)
            #expect(resource.isValid(at: end - .microseconds(1)))
            #expect(!resource.isValid(at: end))
        }
        for query in ["sv=1&sig=x", "se=&sig=x", "se=soon", "si=policy"] {
            let resource = try resource(query)
            #expect(resource.expiry == nil)
            #expect(resource.isValid(at: end))
        }
    }

    @Test("expiry is judged by the service's clock, carried on by the monotonic one")
    func clocks() throws {
        let time = ManualTime()
        time.advance(by: .seconds(100))
        let ahead = time.wallNow + .seconds(3600)
        let snapshot = try Fixtures.snapshot(expiry: "2026-01-01T02:00:00Z", time: time, server: ahead)
        #expect(snapshot.clockOffset == .seconds(3600))
        #expect(snapshot.serverTime(at: time.monotonicNow + .seconds(60)) == ahead + .seconds(60))
        let end = try #require(Timestamp(iso8601: "2026-01-01T02:00:00Z"))
        #expect(snapshot.nearestExpiry == end)
        #expect(snapshot.isUsable(at: end - .seconds(1)))
        #expect(!snapshot.isUsable(at: end))
    }

    @Test("a snapshot finds a container again by its address, whatever its signature")
    func findsContainers() throws {
        let snapshot = try Fixtures.snapshot()
        #expect(
            snapshot.container("https://a0.blob.core.windows.net/c0")?.url.revealed == "https://a0.blob.core.windows.net/c0?sig=hunter2")
        #expect(snapshot.container("https://a0.blob.core.windows.net/c1") == nil)
    }

    @Test("a snapshot shows no secret when it is printed")
    func printing() throws {
        let snapshot = try Fixtures.snapshot()
        var dumped = ""
        dump(snapshot, to: &dumped)
        for text in ["\(snapshot)", dumped] {
            #expect(!text.contains("hunter2"))
            #expect(!text.contains("identity-token"))
            #expect(text.contains("a0.blob.core.windows.net/c0"))
        }
    }

    @Test("queues that left are drained until they are empty, come back, or their signature dies")
    func retiredQueues() throws {
        let start = try #require(Timestamp(iso8601: "2026-01-01T00:00:00Z"))
        let first = try Fixtures.snapshot(notifications: ["s1", "f1", "f2"], expiry: "2026-01-01T06:00:00Z", server: start)
        let second = try Fixtures.snapshot(notifications: ["s1", "f3"], expiry: "2026-01-01T12:00:00Z", server: start + .seconds(3600))
        let third = try Fixtures.snapshot(notifications: ["s1", "f2"], server: start + .seconds(7200))
        func names(_ retired: RetiredQueues) -> [String] { retired.queues.map { String($0.identity.suffix(2)) } }

        var retired = RetiredQueues()
        retired.replaced(nil, by: first)
        #expect(names(retired) == [])
        retired.replaced(first, by: second)
        #expect(names(retired) == ["f1", "f2"])
        retired.replaced(second, by: second)
        #expect(names(retired) == ["f1", "f2"])
        retired.replaced(second, by: third)
        #expect(names(retired) == ["f1", "f3"])
        var drained = retired
        drained.drained(retired.queues[0])
        #expect(names(drained) == ["f3"])
        retired.expire(at: start + .seconds(6 * 3600))
        #expect(names(retired) == ["f3"])
        retired.expire(at: start + .seconds(12 * 3600))
        #expect(names(retired) == [])
    }

    @Test("no more queues are kept than the bound, the latest of them")
    func retiredBound() throws {
        let old = try Fixtures.snapshot(notifications: (0..<100).map { "f\($0)" })
        var retired = RetiredQueues()
        retired.replaced(old, by: try Fixtures.snapshot(notifications: []))
        #expect(retired.queues.count == RetiredQueues.atMost)
        #expect(retired.queues.last?.identity.hasSuffix("/f99") == true)
    }
}
