/// Notifications of sources that are some other client's.
enum ForeignNotifications {
    static func texts(_ count: Int, isFailure: Bool, at time: Moment) -> [String] {
        (0..<count).map { number in
            let source = Identifier.guid()
            let failure = isFailure ? IngestionFailure("Download_NotTransient", "Another client's source number \(number) failed.") : nil
            let path = "https://elsewhere.blob.core.windows.net/theirs/Other__Table__\(source)__\(number).csv.gz"
            return Notification(
                operationID: Identifier.guid(), rootActivityID: Identifier.guid(), database: "Other", table: "Table", sourceID: source,
                sourcePath: path, time: time, failure: failure
            ).text
        }
    }
}
