/// The name of a claim's directory under .active: never used again (protocol.md §1).
///
/// Letters, digits and `-`, at most 100 of them, not beginning with `-`.
package struct ClaimName: Sendable, Hashable {
    package let text: String
    let fileName: FileName

    /// - Parameters:
    ///   - ledger: the ledger's UUID.
    ///   - counter: a number that this ledger gives out once.
    package init(ledger: String, counter: Int64) {
        guard let name = ClaimName("\(ledger)-\(counter)") else { preconditionFailure("a ledger's UUID is letters, digits and dashes") }
        self = name
    }

    /// Whether this ledger made the claim.
    package func isOf(ledger uuid: String) -> Bool { text.hasPrefix("\(uuid)-") }

    /// Returns nil for a text that is no claim's name.
    package init?(_ text: String) {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isPlain, text.utf8.count <= 100, text.utf8.first != UInt8(ascii: "-"), let fileName = FileName(text) else { return nil }
        self.text = text
        self.fileName = fileName
    }

    /// Returns nil for an entry of .active that is no claim.
    init?(_ name: FileName) { self.init(String(decoding: name.bytes, as: UTF8.self)) }
}

extension ClaimName: CustomStringConvertible {
    package var description: String { text }
}
