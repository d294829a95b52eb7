/// How many pages of a queue may be asked for and dealt with at one time: a value that only counts.
///
/// A round trip of 100 ms would else bound a queue to 32 notifications in each of three of them. One page is asked for at first, and one more for each that
/// comes full. An empty one is the end; a short one is none, for the service may give less than there is.
package struct DrainWindow: Sendable, Hashable {
    package static let widest = 16
    /// Pages whose verdicts are being committed or deleted at one time: what a slow ledger or a slow delete may hold up in memory.
    package static let pagesInHand = 48

    /// Pages that are asked for at one time, at present.
    package private(set) var width: Int
    private var asked = 0
    private var inHand = 0
    private var found = 0
    private let bound: Int
    /// Whether the service gave as many as it gives at once: more are probably on their way.
    package private(set) var hadFullPage = false
    /// Nothing more is to be asked for.
    package private(set) var isClosed = false

    /// - Parameters:
    ///   - bound: messages after which no page is asked for.
    ///   - width: pages to begin with: half of what the last drain came to, or one.
    package init(bound: Int = .max, width: Int = 1) {
        self.bound = bound
        self.width = min(max(width, 1), Self.widest)
    }

    /// Messages that were read.
    package var messages: Int { found }

    /// How many more pages to ask for. They count as asked for from here on.
    package mutating func pagesToAsk() -> Int {
        guard !isClosed, found < bound else { return 0 }
        let count = max(0, min(width - asked, Self.pagesInHand - inHand - asked))
        asked += count
        return count
    }

    /// A page came.
    package mutating func came(_ count: Int, isFull: Bool) {
        asked -= 1
        found += count
        if count > 0 { inHand += 1 } else { close() }
        if isFull {
            width = min(width + 1, Self.widest)
            hadFullPage = true
        }
    }

    /// A page could not be had.
    package mutating func failed() {
        asked -= 1
        close()
    }

    /// All is done about a page.
    package mutating func done() { inHand -= 1 }

    package mutating func close() { isClosed = true }

    /// Whether nothing is asked for and nothing is in hand.
    package var isIdle: Bool { asked == 0 && inHand == 0 }
}
