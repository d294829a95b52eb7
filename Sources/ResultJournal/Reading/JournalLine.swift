/// A whole line of the journal.
package struct JournalLine: Sendable, Equatable {
    /// Without its newline.
    package var bytes: [UInt8]
    /// Nil for what is no JSON object.
    package var fields: LineFields?

    package var text: String { String(decoding: bytes, as: UTF8.self) }
}
