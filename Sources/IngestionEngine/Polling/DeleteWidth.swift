/// How many notifications of a page are deleted at one time: a value that only counts.
///
/// Pages come by dozens, and each request on its way at the same moment takes a connection of its own: to a near service a few side by side are as fast,
/// and a far one is hidden by more of them. Told by the fastest answer of a page over a connection that stood: it has hardly waited in a queue of ours or of the
/// service's.
package struct DeleteWidth: Sendable, Hashable {
    package static let least = 4
    package static let most = 32
    /// Of the round trip for each ``least``.
    private static let step: Duration = .milliseconds(10)

    package private(set) var count = least

    package init() {}

    /// A page is deleted.
    ///
    /// - Parameter fastest: the shortest time of its deletes; nil where none tells of the round trip.
    package mutating func deleted(fastest: Duration?) {
        guard let fastest else { return }
        count = min(max(Int(Double(Self.least) * (fastest / Self.step)), Self.least), Self.most)
    }
}
