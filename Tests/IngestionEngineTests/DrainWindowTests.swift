import IngestionEngine
import Testing

/// How many pages of a notification queue are on their way at one time (protocol.md §5).
@Suite struct DrainWindowTests {
    @Test("one page is asked for at first, and one more for each that comes full, within its bounds")
    func widens() {
        var window = DrainWindow()
        var asked = window.pagesToAsk()
        #expect(asked == 1)
        var widest = 0
        for _ in 0..<60 {
            window.came(32, isFull: true)
            window.done()
            asked += window.pagesToAsk() - 1
            widest = max(widest, asked)
        }
        #expect(widest == DrainWindow.widest)
        #expect(window.messages == 60 * 32 && window.hadFullPage)
    }

    @Test(
        "a drain begins with half of what the last one came to, and with one page at the least",
        arguments: [(0, 1), (1, 1), (8, 8), (99, 16)])
    func beginsWide(width: Int, pages: Int) {
        var window = DrainWindow(width: width)
        #expect(window.pagesToAsk() == pages)
    }

    @Test("a short page is no end, an empty one is, and what is on its way then is waited for")
    func ends() {
        var window = DrainWindow()
        #expect(window.pagesToAsk() == 1)
        window.came(5, isFull: false)
        #expect(!window.isClosed && window.pagesToAsk() == 1)
        window.came(0, isFull: false)
        #expect(window.isClosed && window.pagesToAsk() == 0 && !window.isIdle, "a page is still in hand")
        window.done()
        #expect(window.isIdle)
    }

    @Test("pages that nobody gets done with hold up the next ones")
    func backPressure() {
        var window = DrainWindow()
        var asked = window.pagesToAsk()
        for _ in 0..<100 where asked > 0 {
            window.came(32, isFull: true)
            asked += window.pagesToAsk() - 1
        }
        #expect(asked == 0 && !window.isClosed)
        #expect(window.messages == DrainWindow.pagesInHand * 32)
        window.done()
        #expect(window.pagesToAsk() == 1)
    }

    @Test("where foreign messages are left, no page is asked for beyond the bound")
    func bounded() {
        var window = DrainWindow(bound: 33)
        #expect(window.pagesToAsk() == 1)
        window.came(32, isFull: true)
        #expect(window.pagesToAsk() > 0)
        window.came(32, isFull: true)
        #expect(window.pagesToAsk() == 0)
    }
}
