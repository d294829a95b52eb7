package import KustoWire
package import SpoolPrimitives

/// One spool: a directory, where its files go, and what becomes of them.
package struct SpoolSettings: Sendable, Hashable {
    /// The spool's root, absolute and normalised.
    package var path: String
    /// Unique; the last part of the path unless it is given.
    package var name: String
    package var properties: IngestionProperties
    package var onSuccess: OnSuccess
    package var onAmbiguous: OnAmbiguous
    /// Whether subdirectories of the root are scanned too.
    package var tree: Bool
    package var completeness: Completeness
    package var maxFileSize: ByteCount
    package var compression: Compression
    package var networkFilesystem: Bool
    package var syncClaims: Bool
    /// How small files travel together; nil: each alone.
    package var coalescing: Coalescing?

    package init(
        path: String, name: String, properties: IngestionProperties, onSuccess: OnSuccess = .move(keep: .seconds(7 * 86_400)),
        onAmbiguous: OnAmbiguous = .wait(.seconds(900)), tree: Bool = false, completeness: Completeness = .quiet(.seconds(10)),
        maxFileSize: ByteCount = .gibibytes(6), compression: Compression = .auto, networkFilesystem: Bool = false, syncClaims: Bool = false,
        coalescing: Coalescing? = nil
    ) {
        self.coalescing = coalescing
        self.path = path
        self.name = name
        self.properties = properties
        self.onSuccess = onSuccess
        self.onAmbiguous = onAmbiguous
        self.tree = tree
        self.completeness = completeness
        self.maxFileSize = maxFileSize
        self.compression = compression
        self.networkFilesystem = networkFilesystem
        self.syncClaims = syncClaims
    }

    /// What becomes of a file that settled well (protocol.md §2).
    package enum OnSuccess: Sendable, Hashable {
        /// To done/, kept there for that long.
        case move(keep: Duration)
        /// Removed; a file whose success is only presumed, after that time.
        case delete(keepPresumed: Duration)
    }

    /// What to do about a post whose fate is unknown (protocol.md §4).
    package enum OnAmbiguous: Sendable, Hashable {
        case wait(Duration)
        case repost
    }

    /// When a file counts as complete.
    package enum Completeness: Sendable, Hashable {
        /// Renamed in, closed after writing, or unchanged for that long.
        case quiet(Duration)
        /// When a file of the same name with this suffix stands beside it.
        case marker(String)
    }

    /// Bounds of a source that carries several files.
    package struct Coalescing: Sendable, Hashable {
        package var maxFiles: Int
        /// Before compression.
        package var maxBytes: ByteCount
        /// How long the first complete file waits for others.
        package var maxWait: Duration

        package init(maxFiles: Int, maxBytes: ByteCount, maxWait: Duration) {
            self.maxFiles = maxFiles
            self.maxBytes = maxBytes
            self.maxWait = maxWait
        }
    }

    package enum Compression: String, Sendable, Hashable {
        /// gzip, unless the file is compressed already or its format is binary.
        case auto
        case none
    }
}
