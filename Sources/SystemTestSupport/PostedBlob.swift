package import KustoEmulator

/// The blob that a message is about, as it lies in its container.
package struct PostedBlob: Sendable {
    /// The blob's path: account, container, name.
    package let path: String
    package let bytes: [UInt8]
    /// `RawDataSize` of the message.
    package let announcedRawSize: Int?

    /// The blobs of all messages that the ingestor has taken, in order; a message without its blob is left out.
    package static func all(of emulator: Emulator) -> [PostedBlob] {
        let stored = Dictionary(emulator.blobs.map { ("/\($0.account)/\($0.container)/\($0.name)", $0.bytes) }) { first, _ in first }
        return emulator.receivedMessages.compactMap { message in
            guard let url = message.json?["BlobPath"]?.text, let path = path(ofURL: url), let bytes = stored[path] else { return nil }
            return PostedBlob(path: path, bytes: bytes, announcedRawSize: message.json?["RawDataSize"]?.integer)
        }
    }

    private static func path(ofURL url: String) -> String? {
        guard let origin = url.firstRange(of: "://") else { return nil }
        let rest = url[origin.upperBound...].prefix { $0 != "?" }
        return rest.firstIndex(of: "/").map { String(rest[$0...]) }
    }
}
