/// A message that the ingestor took from an ingestion queue, accepted or not.
package struct ReceivedMessage: Sendable {
    /// The queue it was in.
    package let queue: String
    /// The text as it stood in the queue.
    package let text: String
    /// The JSON in it; nil where there was none.
    package let json: JSON?
    /// When it was put into the queue.
    package let posted: Moment
}

/// What became of one message.
package struct Outcome: Sendable {
    /// The message's `Id`; empty where it could not be read.
    package let sourceID: String
    /// The database of the message.
    package let database: String
    /// The table of the message.
    package let table: String
    /// The blob's URL without its signature.
    package let sourcePath: String
    /// The service's error code; nil for a success.
    package let errorCode: String?
    /// The text of the failure.
    package let details: String?
    /// Records that landed or were counted.
    package let records: Int
    /// Whether `ingestIfNotExists` kept it out: a success without rows.
    package let isSkipped: Bool
    /// `RawDataSize` as the message had it.
    package let announcedRawSize: Int?
    /// The size of the data once inflated; nil where it was not looked at.
    package let actualRawSize: Int?
}
