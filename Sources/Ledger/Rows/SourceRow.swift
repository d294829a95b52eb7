package import IngestionModel
package import KustoWire
package import SpoolPrimitives

/// One row of the ledger: a source and, in the ordinary case, the one whole file that it carries.
package struct SourceRow: Sendable {
    package var id: SourceID
    package var spool: SpoolKey
    /// Of a coalesced source, what its files have in common: the claim, the directory that they came from, and the sum of their sizes; no name.
    package var file: LedgerFile
    /// How many files it carries that were coalesced, in its ``SegmentManifest``; nil for the ordinary source, which carries ``file`` whole.
    package var members: Int?
    /// What it waits for, as the index has it.
    package var work: Work
    package var progress: SourceProgress
    package var claimedAt: Timestamp
    /// When the row is next looked at; its meaning depends on the state.
    package var due: Timestamp
    /// The last blob that was uploaded whole, from `posting` on.
    package var blob: UploadedBlob?
    /// What the message says, frozen at the first `posting`.
    package var properties: IngestionProperties?
    package var location: FileLocation
    /// The last failure's code and text, from the service or from us.
    package var code: String?
    package var reason: String?
    package var decidedAt: Timestamp?
    package var supersedes: Int64?
    /// The status table, by its URL without query, that has an entity for this source which is still to be read or removed.
    package var statusTable: String?

    package var isCoalesced: Bool { members != nil }
    /// How many files it carries.
    package var fileCount: Int { members ?? 1 }

    /// What people are told of: the file, or how many of them there are.
    package var fileDescription: String {
        guard let members else { return file.relativePath }
        return "\(members) coalesced files of claim \(file.claim)"
    }

    /// The row as it would be if the source carried one of its files alone: for whoever looks at files and not at sources.
    package func asIfAlone(_ segment: Segment) -> SourceRow {
        var row = self
        row.file = segment.file
        row.members = nil
        row.location = segment.location(in: location)
        return row
    }
}

extension [SourceRow] {
    /// As many of them as one commit should change: every event of a source is one for each of its files, and what a commit tells stands in memory whole.
    package var ofOneCommit: ArraySlice<SourceRow> {
        var files = 0
        let end = firstIndex { row in
            files += row.fileCount
            return files > 2000
        }
        return prefix(Swift.max(1, end ?? count))
    }
}

/// The ledger's number for a spool.
package struct SpoolKey: Sendable, Hashable {
    package let number: Int64
    package init(_ number: Int64) { self.number = number }
}

/// A claimed file as the claim found it. The claim path `.active/<claim>/<name>` is its identity for ever.
package struct LedgerFile: Sendable, Hashable {
    package var claim: String
    /// Relative directory below the root, empty for the root itself, in the spelling of `FileName`.
    package var directory: String
    /// The name as dropped, in the spelling of `FileName`.
    package var name: String
    /// Bytes.
    package var size: Int64
    /// Nanoseconds since 1970, both.
    package var modified: Int64
    package var changed: Int64
    package var inode: UInt64

    package init(claim: String, directory: String, name: String, size: Int64, modified: Int64, changed: Int64, inode: UInt64) {
        self.claim = claim
        self.directory = directory
        self.name = name
        self.size = size
        self.modified = modified
        self.changed = changed
        self.inode = inode
    }

    /// The name relative to the spool's root.
    package var relativePath: String { directory.isEmpty ? name : "\(directory)/\(name)" }
}

/// A blob that stands whole in a temp storage container. Holds no SAS.
package struct UploadedBlob: Sendable, Hashable {
    /// The container's URL without its query.
    package var container: String
    package var attempt: UploadAttempt
    package var encoding: BlobEncoding
    /// Bytes before compression, counted while reading; nil where only the service can tell (zip).
    package var rawSize: Int64?
    /// Bytes of the blob.
    package var sentSize: Int64
    /// MD5 of the blob's bytes: 16 bytes.
    package var md5: [UInt8]
    package var uploadedAt: Timestamp

    package init(
        container: String, attempt: UploadAttempt, encoding: BlobEncoding, rawSize: Int64?, sentSize: Int64, md5: [UInt8],
        uploadedAt: Timestamp
    ) {
        self.container = container
        self.attempt = attempt
        self.encoding = encoding
        self.rawSize = rawSize
        self.sentSize = sentSize
        self.md5 = md5
        self.uploadedAt = uploadedAt
    }
}
