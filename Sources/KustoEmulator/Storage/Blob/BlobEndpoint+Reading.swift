import NIOCore

extension BlobEndpoint {
    func head(_ blob: Blob?) throws(StorageError) -> Reply {
        guard let blob else { throw .blobNotFound }
        return Reply(status: 200, headers: headers(blob), announcedLength: blob.length)
    }

    func get(_ request: Request, _ blob: Blob?) throws(StorageError) -> Reply {
        guard let blob else { throw .blobNotFound }
        guard let header = request[header: "x-ms-range"] ?? request[header: "Range"], let range = try Self.range(header, blob.length) else {
            return Reply(status: 200, headers: headers(blob), body: blob.slice(0..<blob.length))
        }
        let span = ("Content-Range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(blob.length)")
        // The stored MD5 is of the whole blob, so a part of it is sent with that under another name.
        let headers = headers(blob).map { $0.name == "Content-MD5" ? ("x-ms-blob-content-md5", $0.value) : $0 }
        return Reply(status: 206, headers: headers + [span], body: blob.slice(range))
    }

    private func headers(_ blob: Blob) -> [(name: String, value: String)] {
        var headers = [
            (name: "Content-Type", value: blob.contentType), ("Last-Modified", blob.modified.rfc1123), ("ETag", blob.etag),
            ("x-ms-blob-type", "BlockBlob"), ("x-ms-creation-time", blob.created.rfc1123), ("x-ms-lease-status", "unlocked"),
            ("x-ms-lease-state", "available"), ("x-ms-server-encrypted", "true"), ("Accept-Ranges", "bytes"),
        ]
        if let md5 = blob.md5 { headers.append(("Content-MD5", md5)) }
        for (name, value) in blob.metadata { headers.append(("x-ms-meta-\(name)", value)) }
        return headers
    }

    /// Nil for what is no byte range: HTTP says to send the whole then.
    private static func range(_ header: String, _ length: Int) throws(StorageError) -> Range<Int>? {
        guard header.hasPrefix("bytes=") else { return nil }
        let ends = header.dropFirst(6).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard ends.count == 2, let first = Int(ends[0]) else { return nil }
        // The SDKs ask for a first chunk without knowing that the blob is empty, and read this error as that.
        guard first < length else { throw .invalidRange }
        return first..<min(length, (Int(ends[1]) ?? length - 1) + 1)
    }
}
