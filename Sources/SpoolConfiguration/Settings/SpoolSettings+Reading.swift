import KustoWire
import SpoolPrimitives

extension SpoolSettings {
    static let section = SectionDescription(
        "spools[]", "The directories to ingest from. Drop-ins add theirs.",
        [
            SpoolKeys.path.description, SpoolKeys.name.description, SpoolKeys.database.description, SpoolKeys.table.description,
            SpoolKeys.format.description, SpoolKeys.mapping.description, ReportSettings.key.description, SpoolKeys.retainBlob.description,
            SpoolKeys.flushImmediately.description, SpoolKeys.ignoreFirstRecord.description, SpoolKeys.tags.description,
            OnSuccess.key.description, SpoolKeys.onAmbiguous.description, SpoolKeys.tree.description, Completeness.key.description,
            SpoolKeys.maxFileSize.description, SpoolKeys.compression.description, SpoolKeys.networkFilesystem.description,
            SpoolKeys.syncClaims.description, SpoolKeys.dedupe.description, Coalescing.key.description,
        ])

    static let key = ConfigurationKey<[LocatedSpool]>.list(
        "spools", of: .section("spool", section) { read(&$0) }, .defaulted("[]"), section.text)

    private static func read(_ reader: inout SectionReader) -> LocatedSpool? {
        let path = reader.read(SpoolKeys.path)
        let name = reader.read(SpoolKeys.name)
        let properties = properties(&reader)
        let onSuccess = reader.read(OnSuccess.key)
        let onAmbiguous = reader.read(SpoolKeys.onAmbiguous)
        let tree = reader.read(SpoolKeys.tree)
        let completeness = reader.read(Completeness.key)
        let maxFileSize = reader.read(SpoolKeys.maxFileSize)
        let compression = reader.read(SpoolKeys.compression)
        let networkFilesystem = reader.read(SpoolKeys.networkFilesystem)
        let syncClaims = reader.read(SpoolKeys.syncClaims)
        let coalescing = reader.read(Coalescing.key)
        complainOfCoalescing(properties, &reader)
        guard let path else { return nil }
        var located = LocatedSpool(path: path, name: name ?? AbsolutePath.lastComponent(path), settings: nil, reader: reader)
        if let properties, let onSuccess, let onAmbiguous, let tree, let completeness, let maxFileSize, let compression,
            let networkFilesystem, let syncClaims
        {
            located.settings = SpoolSettings(
                path: path, name: located.name, properties: properties, onSuccess: onSuccess, onAmbiguous: onAmbiguous, tree: tree,
                completeness: completeness, maxFileSize: maxFileSize, compression: compression, networkFilesystem: networkFilesystem,
                syncClaims: syncClaims, coalescing: coalescing)
        }
        return located
    }

    private static func complainOfCoalescing(_ properties: IngestionProperties?, _ reader: inout SectionReader) {
        guard reader.isGiven("coalesce"), let properties else { return }
        if properties.format.joining == nil {
            let formats = DataFormat.allCases.filter { $0.joining != nil }.map(\.rawValue)
            reader.error(
                "coalesce",
                "files of the format '\(properties.format.rawValue)' cannot be joined; those of \(formats.joined(separator: ", ")) can")
        }
        if properties.dedupe != nil {
            reader.error(
                "coalesce",
                "cannot be used with dedupe: a file that travels alone after it was part of a source would have another tag; give one of the two"
            )
        }
    }

    private static func properties(_ reader: inout SectionReader) -> IngestionProperties? {
        let database = reader.read(SpoolKeys.database)
        let table = reader.read(SpoolKeys.table)
        let format = reader.read(SpoolKeys.format)
        let mapping = reader.read(SpoolKeys.mapping)
        let report = reader.read(ReportSettings.key)
        let retainBlob = reader.read(SpoolKeys.retainBlob)
        let flushImmediately = reader.read(SpoolKeys.flushImmediately)
        let ignoreFirstRecord = reader.read(SpoolKeys.ignoreFirstRecord)
        let tags = reader.read(SpoolKeys.tags)
        let dedupe = reader.read(SpoolKeys.dedupe)
        if let format { complainOfFormat(format, ignoreFirstRecord: ignoreFirstRecord ?? false, &reader) }
        if tags?.contains(where: { $0.lowercased().hasPrefix("ingest-by:") }) ?? false {
            reader.warning("tags", "a file with an 'ingest-by:' tag is ingested alone, without batching")
        }
        guard let database, let table, let format, let report, let retainBlob, let flushImmediately, let ignoreFirstRecord, let tags,
            let dedupe
        else {
            return nil
        }
        return IngestionProperties(
            database: database, table: table, format: format, mappingReference: mapping, reportLevel: report.level,
            reportMethod: report.method, retainBlobOnSuccess: retainBlob, flushImmediately: flushImmediately,
            ignoreFirstRecord: ignoreFirstRecord, tags: tags, dedupe: dedupe == .ingestBy ? .ingestBy : nil)
    }

    /// What the service would say only after the upload, or not at all (reference: kusto-queued-ingestion §6).
    private static func complainOfFormat(_ format: DataFormat, ignoreFirstRecord: Bool, _ reader: inout SectionReader) {
        switch format {
        case .json, .multijson, .singlejson, .avro, .apacheavro:
            if !reader.isGiven("mapping") {
                reader.warning(
                    "format",
                    "'\(format.rawValue)' without a mapping fills columns by name, which older clusters refuse; name a mapping if one exists"
                )
            }
            fallthrough
        case .parquet, .orc, .sstream, .w3clogfile, .raw:
            if ignoreFirstRecord {
                reader.warning("ignore_first_record", "means nothing for '\(format.rawValue)', which has no header record")
            }
        case .csv, .tsv, .tsve, .scsv, .sohsv, .psv, .txt: break
        }
    }
}

/// A spool with the places of what is compared between spools; its settings are nil where something in it was complained of.
struct LocatedSpool: Sendable {
    var path: String
    var name: String
    var pathLocation: SourceLocation
    var nameLocation: SourceLocation
    /// `spools[0].path`.
    var pathAddress: String
    var nameAddress: String
    var settings: SpoolSettings?

    init(path: String, name: String, settings: SpoolSettings?, reader: SectionReader) {
        self.path = path
        self.name = name
        self.settings = settings
        pathLocation = reader.location(of: "path")
        nameLocation = reader.isGiven("name") ? reader.location(of: "name") : reader.location(of: "path")
        pathAddress = reader.address("path")
        nameAddress = reader.address("name")
    }
}
