import SpoolPrimitives

/// `.spool`: the UUID of the ledger that owns the spool, one line (protocol.md §1).
///
/// Two ledgers on one spool would each settle what the other claimed. A `.spool` that cannot be read as a UUID stops the start as another
/// ledger's does: it is never guessed.
enum OwnerFile {
    /// Makes `uuid` the owner; durable when it returns.
    ///
    /// - Returns: the UUID that stood there before an adoption, `unknown` where it was unreadable; nil if the spool was ours or new.
    static func claim(_ root: OpenDirectory, uuid: String, adopt: Bool) throws(SpoolError) -> String? {
        let path = root.path(of: SpoolNames.owner)
        let bytes: [UInt8]?
        do { bytes = try root.readSmallFile(SpoolNames.owner) } catch { throw SpoolError("read", path, error) }
        guard let bytes else {
            try write(root, uuid)
            return nil
        }
        let owner = parse(bytes)
        if owner == uuid { return nil }
        guard adopt else {
            throw SpoolError(
                .ownedByAnother(uuid: owner), "use", root.path,
                hint: "Point 'state:' to that ledger, or take the spool over with 'kusto-spool run --adopt' if it is lost")
        }
        try write(root, uuid)
        return owner ?? "unknown"
    }

    /// The UUID in lower case; nil for what is none.
    static func parse(_ bytes: [UInt8]) -> String? {
        let line = bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...]
        guard line.count == 36 else { return nil }
        for (index, byte) in line.enumerated() {
            let isDash = [8, 13, 18, 23].contains(index)
            let isDigit =
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
            guard isDash ? byte == UInt8(ascii: "-") : isDigit else { return nil }
        }
        return String(decoding: line, as: UTF8.self).lowercased()
    }

    private static func write(_ root: OpenDirectory, _ uuid: String) throws(SpoolError) {
        try root.writeSmallFile(SpoolNames.owner, Array("\(uuid)\n".utf8), mode: 0o644)
        try root.sync()
    }
}
