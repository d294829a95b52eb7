import IngestionEngine
import Ledger
import SpoolPrimitives
import SpoolTestSupport
import Testing

@Suite struct SmallPartsTests {
    @Test("polling is quick while verdicts come, backs off to 10 s while they are awaited, and looks once a minute otherwise")
    func pace() {
        var pace = PollingPace()
        var delays: [Int64] = []
        for found in [5, 0, 0, 0, 0, 0] {
            pace.drained(found: found, awaiting: true)
            delays.append(pace.delay.milliseconds / 1000)
        }
        #expect(delays == [1, 2, 4, 8, 10, 10])
        pace.posted()
        #expect(pace.delay == .seconds(1))
        pace.drained(found: 3, awaiting: false)
        #expect(pace.delay == .seconds(60))
    }

    @Test(
        "what the journal has of a commit already is left out of it, line by line",
        arguments: [(4, 5, "5\n6\n7\n"), (5, 6, "6\n7\n"), (6, 7, "7\n"), (0, 5, "5\n6\n7\n")] as [(Int64, Int64, String)])
    func rest(after: Int64, first: Int64, lines: String) throws {
        let entry = OutboxEntry(firstSeq: 5, lastSeq: 7, lines: Array("5\n6\n7\n".utf8))
        let rest = try #require(entry.rest(after: after))
        #expect(rest.firstSeq == first && rest.lastSeq == 7)
        #expect(String(decoding: rest.lines, as: UTF8.self) == lines)
        #expect(entry.rest(after: 7) == nil && entry.rest(after: 9) == nil)
    }

    @Test("buffers never hold more than the budget together, and a request for more than all of it still gets its turn")
    func budget() async throws {
        let budget = ByteBudget(ByteCount(100))
        let held = Lock<(now: Int64, most: Int64, turns: Int)>((0, 0, 0))
        await withTaskGroup(of: Void.self) { group in
            for amount in (1...200).map({ Int64($0) }) {
                group.addTask {
                    let charged = min(amount, 100)
                    do {
                        try await budget.withBytes(ByteCount(amount)) {
                            held.withLock { state in
                                state.now += charged
                                state.most = max(state.most, state.now)
                                state.turns += 1
                            }
                            await Task.yield()
                            held.withLock { $0.now -= charged }
                        }
                    } catch {
                        Issue.record(error)
                    }
                }
            }
        }
        let (now, most, turns) = held.withLock { $0 }
        #expect(now == 0 && turns == 200)
        #expect(most <= 100 && most > 50)
    }

    @Test("who needs more than was thought gets it at once, and all others wait until the budget is even again")
    func overdrawn() async throws {
        let budget = ByteBudget(ByteCount(100))
        let loan = try #require(await budget.borrow(ByteCount(10)))
        loan.become(ByteCount(300))
        let entered = Lock(0)
        await withTaskGroup { group in
            for _ in 0..<2 {
                group.addTask {
                    let other = await budget.borrow(ByteCount(60))
                    entered.withLock { $0 += 1 }
                    #expect(other != nil)
                    other?.giveBack()
                }
            }
            await until { budget.waiting == 2 }
            loan.become(ByteCount(50))
            #expect(budget.waiting == 2)
            loan.become(ByteCount(40))
            await group.waitForAll()
        }
        #expect(entered.withLock { $0 } == 2)
        loan.giveBack()
        loan.giveBack()
        #expect(await budget.borrow(ByteCount(100)) != nil)
    }

    @Test("who waits for buffers and is cancelled waits no longer, and leaves the budget whole")
    func cancelledBudget() async throws {
        let budget = ByteBudget(ByteCount(10))
        await withTaskGroup(of: Bool.self) { group in
            let isHeld = Signal()
            let release = Signal()
            group.addTask {
                do {
                    try await budget.withBytes(ByteCount(10)) {
                        isHeld.raise()
                        await release.wait()
                    }
                    return true
                } catch { return false }
            }
            await isHeld.wait()
            let waiting = await withTaskGroup(of: Bool.self) { inner in
                inner.addTask {
                    do { return try await budget.withBytes(ByteCount(1)) { true } } catch { return false }
                }
                inner.cancelAll()
                return await inner.next() ?? true
            }
            #expect(!waiting)
            release.raise()
            #expect(await group.next() == true)
        }
        #expect(try await budget.withBytes(ByteCount(10)) { true })
    }
}

@Suite struct BroadcastTests {
    @Test("what concerns one spool wakes its watcher and no other's; what concerns all wakes all")
    func raising() {
        let broadcast = Broadcast()
        let signals = (1...100).map { broadcast.subscribe(to: SpoolKey($0)) }
        var raised: [Int] { signals.indices.filter { signals[$0].isRaised } }
        broadcast.raise(SpoolKey(7))
        #expect(raised == [6])
        broadcast.raise(SpoolKey(101))
        #expect(raised == [6])
        broadcast.raiseAll()
        #expect(raised == Array(0..<100))
    }
}
