/// A manifest as text: a line a segment, its fields set apart by tabs, which ``LedgerFile/name`` cannot have in it. Readable in any SQLite shell, and read
/// without an object for each field.
///
///     name TAB size TAB modified TAB changed TAB inode TAB departure TAB path LF
///
/// `departure` is empty, or `b` or `a` (before, after) and the row's number; `path` is empty where it follows from the whole's location.
extension SegmentManifest {
    var encoded: [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(segments.count * 96)
        for segment in segments {
            text.append(contentsOf: segment.file.name.utf8)
            for number in [segment.file.size, segment.file.modified, segment.file.changed, Int64(bitPattern: segment.file.inode)] {
                text.append(Self.tab)
                text.append(decimal: number)
            }
            text.append(Self.tab)
            switch segment.departure {
            case nil: break
            case .before(let row):
                text.append(UInt8(ascii: "b"))
                text.append(decimal: row)
            case .after(let row):
                text.append(UInt8(ascii: "a"))
                text.append(decimal: row)
            }
            text.append(Self.tab)
            if let path = segment.path { text.append(contentsOf: path.utf8) }
            text.append(Self.newline)
        }
        return text
    }

    /// - Parameters:
    ///   - claim: of all its files.
    ///   - directory: that they came from.
    /// - Returns: nil for what ``encoded`` never writes (a ledger damaged by another hand).
    init?(encoded text: UnsafeRawBufferPointer, claim: String, directory: String) {
        segments = []
        segments.reserveCapacity(text.count / 64)
        var rest = text[...]
        while !rest.isEmpty {
            guard let name = Self.field(&rest, Self.tab), let size = Self.number(&rest), let modified = Self.number(&rest),
                let changed = Self.number(&rest), let inode = Self.number(&rest), let left = Self.field(&rest, Self.tab),
                let path = Self.field(&rest, Self.newline), let departure = Self.departure(left)
            else { return nil }
            segments.append(
                Segment(
                    LedgerFile(
                        claim: claim, directory: directory, name: String(decoding: name, as: UTF8.self), size: size, modified: modified,
                        changed: changed, inode: UInt64(bitPattern: inode)),
                    path: path.isEmpty ? nil : String(decoding: path, as: UTF8.self), departure: departure))
        }
    }

    private static let tab = UInt8(ascii: "\t")
    private static let newline = UInt8(ascii: "\n")

    private static func field(_ rest: inout Slice<UnsafeRawBufferPointer>, _ end: UInt8) -> Slice<UnsafeRawBufferPointer>? {
        guard let stop = rest.firstIndex(of: end) else { return nil }
        defer { rest = rest[(stop + 1)...] }
        return rest[..<stop]
    }

    private static func number(_ rest: inout Slice<UnsafeRawBufferPointer>) -> Int64? { field(&rest, tab).flatMap(Int64.init(decimal:)) }

    /// - Returns: nil for no possible field; nil inside for none.
    private static func departure(_ field: Slice<UnsafeRawBufferPointer>) -> Segment.Departure?? {
        guard let kind = field.first else { return .some(nil) }
        guard let row = Int64(decimal: field.dropFirst()) else { return nil }
        switch kind {
        case UInt8(ascii: "b"): return .before(row: row)
        case UInt8(ascii: "a"): return .after(row: row)
        default: return nil
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(decimal number: Int64) {
        if number < 0 { append(UInt8(ascii: "-")) }
        var magnitude = number.magnitude
        let start = count
        repeat {
            append(UInt8(ascii: "0") + UInt8(magnitude % 10))
            magnitude /= 10
        } while magnitude > 0
        self[start...].reverse()
    }
}

extension Int64 {
    /// Digits, with a minus sign or not; nil for anything else and for what is too large.
    fileprivate init?(decimal text: Slice<UnsafeRawBufferPointer>) {
        let isNegative = text.first == UInt8(ascii: "-")
        let digits = isNegative ? text.dropFirst() : text
        guard !digits.isEmpty, digits.count <= 19 else { return nil }
        var magnitude: UInt64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            magnitude = magnitude * 10 + UInt64(digit - UInt8(ascii: "0"))
        }
        guard magnitude <= Int64.max.magnitude + (isNegative ? 1 : 0) else { return nil }
        self = isNegative ? Int64(truncatingIfNeeded: 0 &- magnitude) : Int64(magnitude)
    }
}
