/// How much of a queue one drain reads, and for how long what it reads is hidden from others (protocol.md §5).
package struct DrainBound: Sendable, Hashable {
    package var messages: Int
    package var visibility: Duration

    /// Everything, for as long as a page takes: nothing is left to come back.
    package static let everything = DrainBound(messages: .max, visibility: .seconds(30))

    private init(messages: Int, visibility: Duration) {
        self.messages = messages
        self.visibility = visibility
    }

    /// Where foreign messages are left: as much as is in the queue, since what is left would come again for ever.
    ///
    /// What came since the count is read as well; a page of 32 takes well under a second, and the last must still be ours when all are released.
    ///
    /// - Parameter count: about how many messages there are.
    package init(leavingForeignOf count: Int) {
        messages = min(max(count, 0), 16_320) + 64
        visibility = .seconds(60 + messages / 32)
    }
}
