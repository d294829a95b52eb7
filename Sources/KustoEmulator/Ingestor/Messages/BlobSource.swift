/// The blob of a message: finds it, checks the signature by which it is to be read, and unpacks it.
struct BlobSource: Sendable {
    let cloud: Cloud
    let message: IngestionMessage

    struct Located {
        let container: BlobContainer
        let blob: Blob
        let name: String
    }

    func locate() throws(IngestionFailure) -> Located {
        let halves = message.blobPath.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let scheme = halves[0].firstRange(of: "://"), let path = halves[0][scheme.upperBound...].firstIndex(of: "/") else {
            throw IngestionFailure("BadRequest_InvalidBlobUri", "The blob's URI is not one: \(message.sourcePath)")
        }
        let segments = halves[0][path...].split(separator: "/", omittingEmptySubsequences: true).map {
            PercentCoding.decode($0) ?? String($0)
        }
        guard segments.count >= 3 else {
            throw IngestionFailure("BadRequest_InvalidBlobUri", "The blob's URI names no blob: \(message.sourcePath)")
        }
        guard let account = cloud.storage.account(segments[0]) else {
            throw IngestionFailure("Download_AccountNotFound", "There is no storage account \(segments[0]).")
        }
        guard halves.count == 2 else { throw forbidden("The URI carries no signature.") }
        let name = segments.dropFirst(2).joined(separator: "/")
        let query = Dictionary(PercentCoding.pairs(halves[1]).map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        let check = SignatureCheck(
            account: account, now: cloud.clock.now, secure: halves[0].hasPrefix("https:"), address: "127.0.0.1")
        let need = SignatureCheck.Need(resource: .blob(container: segments[1], name: name), permissions: "r")
        if let error = check.judge(query, need) { throw forbidden("Storage answered \(error.status) \(error.code).") }
        guard let container = account.container(segments[1]), let blob = container.blob(name) else {
            throw IngestionFailure("Download_SourceNotFound", "The blob does not exist: \(message.sourcePath)")
        }
        guard blob.length > 0 else { throw IngestionFailure("BadRequest_EmptyBlob", "The blob is empty: \(message.sourcePath)") }
        return Located(container: container, blob: blob, name: name)
    }

    /// The files in the blob, inflated where its name says that they are deflated: the service goes by the extension alone. Only an archive has several.
    func files(_ located: Located) throws(IngestionFailure) -> [[UInt8]] {
        let name = located.name.lowercased()
        let bytes = located.blob.bytes
        if name.hasSuffix(".zip") { return try archive(bytes) }
        guard name.hasSuffix(".gz"), message.properties["treatgzasuncompressed"]?.flag != true else { return [bytes] }
        do throws(GunzipError) {
            let inflated = try gunzip(bytes)
            guard !inflated.isEmpty else { throw GunzipError.empty }
            return [inflated]
        } catch .notGzip {
            throw IngestionFailure("BadRequest_InvalidBlob", "Error GZIP header, first magic byte doesn't match")
        } catch .empty {
            throw IngestionFailure("BadRequest_EmptyBlob", "The blob is empty once inflated: \(message.sourcePath)")
        } catch {
            throw IngestionFailure("BadRequest_InvalidBlob", "The blob's gzip stream is damaged or ends early: \(message.sourcePath)")
        }
    }

    /// The archive's files, or those whose names the property `zipPattern` matches.
    private func archive(_ bytes: [UInt8]) throws(IngestionFailure) -> [[UInt8]] {
        var entries: [ZipArchive.Entry]
        do throws(ZipError) { entries = try ZipArchive(bytes).entries } catch {
            throw IngestionFailure(
                "BadRequest_InvalidArchive", "The archive is damaged, or of a kind that is not read: \(message.sourcePath)")
        }
        if let text = message.properties["zippattern"]?.text {
            let pattern: Regex<AnyRegexOutput>
            do { pattern = try Regex(text) } catch {
                throw IngestionFailure("BadRequest_MalformedIngestionProperty", "The property zipPattern is no regular expression.")
            }
            entries.removeAll { $0.name.firstMatch(of: pattern) == nil }
        }
        let files = entries.map(\.bytes).filter { !$0.isEmpty }
        guard !files.isEmpty else {
            throw IngestionFailure("BadRequest_EmptyArchive", "The archive holds nothing to ingest: \(message.sourcePath)")
        }
        return files
    }

    private func forbidden(_ reason: String) -> IngestionFailure {
        IngestionFailure("Download_Forbidden", "The blob could not be read: \(message.sourcePath). \(reason)")
    }
}
