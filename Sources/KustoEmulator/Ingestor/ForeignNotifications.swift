/// Notifications of sources that are some other client's, made quickly: all but the number in their identifiers and paths is the same.
enum ForeignNotifications {
    static func texts(_ count: Int, isFailure: Bool, at time: Moment) -> [String] {
        let failure = isFailure ? IngestionFailure("Download_NotTransient", "Another client's source failed.") : nil
        // A mark that stands where the number goes, in the last part of the source's GUID.
        let mark = "############"
        let source = String(Identifier.guid().dropLast(mark.utf8.count)) + mark
        let notification = Notification(
            operationID: Identifier.guid(), rootActivityID: Identifier.guid(), database: "Other", table: "Table", sourceID: source,
            sourcePath: "https://elsewhere.blob.core.windows.net/theirs/Other__Table__\(source)__data.csv.gz", time: time, failure: failure)
        let pieces = notification.json.encoded.components(around: mark).map { Array($0.utf8) }
        return (0..<count).map { number in
            let digits = Array(number.padded(mark.utf8.count).utf8)
            return Digests.base64(Array(pieces.joined(separator: digits)))
        }
    }
}

extension String {
    /// The parts between occurrences of a separator.
    fileprivate func components(around separator: String) -> [Substring] {
        var parts: [Substring] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(rest[..<range.lowerBound])
            rest = rest[range.upperBound...]
        }
        return parts + [rest]
    }
}
