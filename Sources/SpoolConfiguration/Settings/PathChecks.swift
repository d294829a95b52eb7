/// What must hold between the paths of a configuration. By their text only: mounts and symbolic links are looked at when the daemon starts.
enum PathChecks {
    static func check(_ spools: [LocatedSpool], state: String?, journal: String?, _ reader: inout SectionReader) {
        for (index, spool) in spools.enumerated() {
            if spool.path == "/" {
                reader.complaints.error("\(spool.pathAddress): the root of the file system is no spool", at: spool.pathLocation)
            } else if let earlier = spools[..<index].first(where: { overlap($0.path, spool.path) && $0.path != "/" }) {
                complain(of: spool, overlapping: earlier, &reader)
            } else if let earlier = spools[..<index].first(where: { $0.name == spool.name }) {
                reader.complaints.error(
                    "\(spool.nameAddress): the name '\(spool.name)' is taken by \(earlier.nameLocation); give one of them another name",
                    at: spool.nameLocation)
            }
            if let state, !AbsolutePath.isInside(state, spool.path), AbsolutePath.isInside(spool.path, state) {
                reader.complaints.error(
                    "\(spool.pathAddress): '\(spool.path)' lies in the state directory '\(state)', which producers must not write to",
                    at: spool.pathLocation)
            }
        }
        // A spool at the root was complained of already; everything lies in it.
        let spools = spools.filter { $0.path != "/" }
        if let state, let spool = spools.first(where: { AbsolutePath.isInside(state, $0.path) }) {
            reader.error("state", "'\(state)' lies in the spool '\(spool.path)'; its files would be ingested")
        }
        guard let journal else { return }
        let place = reader.location(of: "journal", "path")
        if let spool = spools.first(where: { AbsolutePath.isInside(journal, $0.path) }) {
            reader.complaints.error(
                "journal.path: '\(journal)' lies in the spool '\(spool.path)'; the journal would be ingested", at: place)
        }
        if let state, AbsolutePath.isInside(state, journal) {
            reader.complaints.error("journal.path: '\(journal)' is a directory, the state directory '\(state)' or one above it", at: place)
        }
    }

    private static func overlap(_ a: String, _ b: String) -> Bool { AbsolutePath.isInside(a, b) || AbsolutePath.isInside(b, a) }

    private static func complain(of spool: LocatedSpool, overlapping earlier: LocatedSpool, _ reader: inout SectionReader) {
        if spool.path == earlier.path {
            reader.complaints.error(
                "\(spool.pathAddress): '\(spool.path)' is the spool of \(earlier.pathLocation) already", at: spool.pathLocation)
            return
        }
        let (inner, outer) = AbsolutePath.isInside(spool.path, earlier.path) ? (spool, earlier) : (earlier, spool)
        reader.complaints.error(
            "\(spool.pathAddress): spools must not be nested: '\(inner.path)' lies in '\(outer.path)' (the other is at \(earlier.pathLocation))",
            at: spool.pathLocation)
    }
}
