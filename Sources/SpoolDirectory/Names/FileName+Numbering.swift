/// How a name gives way to an equal one, and how long names are cut (protocol.md §1).
extension FileName {
    /// The name's `number`-th spelling: itself for 1, then `name.~2~`, `name.~3~` …
    ///
    /// A name too long for the addition is cut so that it fits; the ledger and the journal keep the original.
    package func numbered(_ number: Int) -> FileName {
        precondition(number >= 1)
        return number == 1 ? self : appending(".~\(number)~")
    }

    /// This name with `suffix` behind it, cut before it where both together are longer than a name may be.
    func appending(_ suffix: String) -> FileName {
        let suffix = Array(suffix.utf8)
        guard let name = FileName(bytes: Array(cut(toLength: Self.maximumLength - suffix.count)) + suffix) else {
            preconditionFailure("a suffix of ours is no name")
        }
        return name
    }

    /// The first bytes, at most `length`, cut at a character's boundary where the name is UTF-8.
    private func cut(toLength length: Int) -> ArraySlice<UInt8> {
        guard self.length > length else { return bytes }
        let prefix = bytes.prefix(length)
        var end = prefix.endIndex
        // A character has at most three continuation bytes; what has more is no UTF-8 and may be cut anywhere.
        for _ in 0..<4 {
            guard end > prefix.startIndex else { break }
            if bytes[end] & 0xC0 != 0x80 { return bytes[..<end] }
            end -= 1
        }
        return prefix
    }
}
