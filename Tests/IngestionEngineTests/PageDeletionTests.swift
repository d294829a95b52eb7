import IngestionEngine
import SpoolPrimitives
import Testing

/// How a page's notifications are deleted.
@Suite struct PageDeletionTests {
    /// Who is being deleted now, and who was.
    private final class Book: Sendable {
        private let state = Lock((now: 0, most: 0, seen: [Int]()))
        var most: Int { state.withLock { $0.most } }
        var seen: [Int] { state.withLock { $0.seen } }

        func begin(_ message: Int) {
            state.withLock { state in
                state.now += 1
                state.most = max(state.most, state.now)
                state.seen.append(message)
            }
        }

        func end() { state.withLock { $0.now -= 1 } }
    }

    @Test(
        "each is deleted once, no more at one time than the width, and the fastest answer is told",
        arguments: [(32, 4), (3, 4), (32, 32), (0, 4)])
    func width(count: Int, width: Int) async {
        let book = Book()
        let deletion = PageDeletion<Int>(width: width, isStopping: { false }) { message in
            book.begin(message)
            await Task.yield()
            book.end()
            return .answered(after: message % 2 == 0 ? nil : .milliseconds(100 - message))
        }
        let fastest = await deletion.run(Array(0..<count))
        #expect(book.seen.sorted() == Array(0..<count))
        #expect(book.most <= width)
        #expect(fastest == (count == 0 ? nil : .milliseconds(count == 3 ? 99 : 69)))
    }

    @Test("once one gets no answer, all the rest go at once: none waits for another's time-out")
    func stuck() async {
        let waiting = Lock([CheckedContinuation<Void, Never>]())
        let deletion = PageDeletion<Int>(width: 1, isStopping: { false }) { message in
            if message == 0 { return .unanswered }
            // Nobody is answered before all 31 are on their way.
            await withCheckedContinuation { continuation in
                let all = waiting.withLock { waiting in
                    waiting.append(continuation)
                    return waiting.count == 31 ? waiting : []
                }
                for one in all { one.resume() }
            }
            return .answered(after: .milliseconds(message))
        }
        #expect(await deletion.run(Array(0..<32)) == .milliseconds(1))
    }

    @Test("at a stop, what is left behind one without an answer is left")
    func stop() async {
        let book = Book()
        let deletion = PageDeletion<Int>(width: 4, isStopping: { true }) { message in
            book.begin(message)
            return .unanswered
        }
        _ = await deletion.run(Array(0..<32))
        #expect(book.seen.count == 4)
    }
}
