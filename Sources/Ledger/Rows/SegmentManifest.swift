package import IngestionModel

/// The files of a coalesced source, in the order of their segments in its blob (protocol.md §3.2). All of them are of one claim.
///
/// One value of the ledger for all of them: a row for each would cost as much as if they travelled alone.
package struct SegmentManifest: Sendable, Hashable {
    package var segments: [Segment]

    package init(segments: [Segment]) { self.segments = segments }

    /// Those that are still the whole's own, with their places in ``segments``.
    package var present: [(index: Int, segment: Segment)] {
        segments.enumerated().filter { $0.element.departure == nil }.map { ($0.offset, $0.element) }
    }
}

/// A whole file inside a coalesced source, without its header where the route has one.
package struct Segment: Sendable, Hashable {
    package var file: LedgerFile
    /// Where the file is, below the spool's root, where that is not its name in the directory that its whole's location names.
    package var path: String?
    package var departure: Departure?

    package init(_ file: LedgerFile, path: String? = nil, departure: Departure? = nil) {
        self.file = file
        self.path = path
        self.departure = departure
    }

    /// How a file left its whole; the row that is its own since.
    package enum Departure: Sendable, Hashable {
        /// Before anything of the whole was posted: the whole's message never had it.
        case before(row: Int64)
        /// The whole's message had it: what becomes of that message is told to the row.
        case after(row: Int64)

        package var row: Int64 {
            switch self {
            case .before(let row), .after(let row): row
            }
        }
    }

    /// Where the file is, its whole being at `location`.
    package func location(in whole: FileLocation) -> FileLocation {
        switch whole {
        case .active, .deleted, .vanished: whole
        case .done(let directory): .done(path: path ?? "\(directory)/\(file.relativePath)")
        case .failed(let directory): .failed(path: path ?? "\(directory)/\(file.relativePath)")
        }
    }
}

/// A file that is to leave its whole.
package struct Separation: Sendable, Hashable {
    /// Its place in the manifest.
    package var index: Int
    package var code: String
    /// A sentence for the journal.
    package var reason: String

    package init(index: Int, code: String, reason: String) {
        self.index = index
        self.code = code
        self.reason = reason
    }
}
