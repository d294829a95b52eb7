import NIOCore

/// What the version of a request allows. With a SAS the operation runs at the SAS's own version.
struct BlobRules: Sendable {
    let version: String

    private static let mebibyte = 1024 * 1024

    /// The largest blob that one Put Blob may carry.
    var maximumBlob: Int {
        version < "2016-05-31" ? 64 * Self.mebibyte : version < "2019-12-12" ? 256 * Self.mebibyte : 5000 * Self.mebibyte
    }

    /// The largest block.
    var maximumBlock: Int {
        version < "2016-05-31" ? 4 * Self.mebibyte : version < "2019-12-12" ? 100 * Self.mebibyte : 4000 * Self.mebibyte
    }

    static let maximumBlocks = 50_000
    static let maximumName = 1024

    /// Refuses a `Content-MD5` or `x-ms-content-crc64` that is not one, or not that of the body. Gives back the body's MD5 in base64.
    static func checkDigests(_ request: Request) throws(StorageError) -> String {
        if let header = request[header: "x-ms-content-crc64"] {
            guard request[header: "Content-MD5"] == nil else { throw .invalidHeader("x-ms-content-crc64", header) }
            guard let expected = Digests.bytes(base64: header), expected.count == 8 else {
                throw .invalidHeader("x-ms-content-crc64", header)
            }
            guard request.body.withUnsafeReadableBytes({ CRC64.checksum($0) }) == expected else { throw .crc64Mismatch }
        }
        let computed = request.body.withUnsafeReadableBytes { Digests.md5($0) }
        guard let header = request[header: "Content-MD5"] else { return Digests.base64(computed) }
        guard let expected = Digests.bytes(base64: header), expected.count == 16 else { throw .invalidMD5 }
        guard computed == expected else { throw .md5Mismatch }
        return header
    }

    /// Reads `x-ms-meta-` headers; a name must be an identifier.
    static func metadata(_ request: Request) throws(StorageError) -> [(name: String, value: String)] {
        var metadata: [(name: String, value: String)] = []
        for (name, value) in request.headers where name.lowercased().hasPrefix("x-ms-meta-") {
            let key = String(name.dropFirst(10))
            let isIdentifier =
                key.first.map { $0.isLetter || $0 == "_" } == true && key.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
            guard isIdentifier else {
                throw StorageError(400, "InvalidMetadata", "The metadata specified is invalid. It has characters that are not permitted.")
            }
            metadata.append((key, value))
        }
        return metadata
    }
}
