/// Ingests one source: finds its blob, reads it, shapes its rows and lands them.
struct SourceIngestor {
    let cloud: Cloud
    let message: IngestionMessage
    /// The tags that were committed before the source's window.
    let committedTags: [TableStore.Name: Set<String>]

    private var name: TableStore.Name { TableStore.Name(database: message.database, table: message.table) }

    /// A failure of the source is a result; what is thrown is a failure of the emulator itself.
    func ingest(_ writer: TableWriter) throws -> Result<Ingested, IngestionFailure> {
        do {
            try message.validate(cloud.identities)
            try checkTarget(writer)
            let forced = cloud.forced.failure(database: message.database, table: message.table)
            if let forced, !forced.thenSucceeds, !forced.failure.isPartial { throw forced.failure }
            var ingested = try source(writer)
            ingested.reportedFailure = forced?.failure
            return .success(ingested)
        } catch let failure as IngestionFailure {
            return .failure(failure)
        }
    }

    private func checkTarget(_ writer: TableWriter) throws(IngestionFailure) {
        if let databases = cloud.configuration.databases, !databases.contains(message.database) {
            throw IngestionFailure("BadRequest_DatabaseNotExist", "Database \(message.database) does not exist.")
        }
        if cloud.configuration.strictTables, writer.schemas[name] == nil {
            throw IngestionFailure("BadRequest_TableNotExist", "Table \(message.table) does not exist in database \(message.database).")
        }
    }

    private func source(_ writer: TableWriter) throws -> Ingested {
        let tags = try message.list("tags")
        let ingestBy = tags.filter { $0.hasPrefix("ingest-by:") }.map { String($0.dropFirst(10)) }
        let wanted = try message.list("ingestifnotexists")
        let current = writer.schemas[name]?.tags ?? []
        if cloud.tagRace.keepsOut(wanted, committed: committedTags[name] ?? [], current: current) { return Ingested(isSkipped: true) }
        let format = try DataFormat(message)
        if cloud.configuration.ingestion == .none {
            try writer.tag(ingestBy, in: name)
            return Ingested()
        }
        let source = BlobSource(cloud: cloud, message: message)
        let located = try source.locate()
        let files = try source.files(located)
        let mapping = try MappingResolver(cloud: cloud, message: message).mapping(format)
        for file in files { try Self.refuseDeflated(file, format) }
        let ignoresFirst = message.properties["ignorefirstrecord"]?.flag ?? false
        let records = try files.reduce(Records.fields([])) { records, file in
            // A header is skipped in every file of an archive.
            records.joined(
                try format.records(file, ignoringFirst: ignoresFirst, acceptingBinary: cloud.configuration.acceptsBinaryFormats))
        }
        guard records.count > 0 else {
            throw IngestionFailure(
                "BadRequest_NoRecordsOrWrongFormat", "The blob holds no record of format \(format.rawValue): \(message.sourcePath)")
        }
        switch cloud.configuration.ingestion {
        case .rows where records.isOpaque, .count, .none: try writer.count(records.count, in: name)
        case .rows:
            let schema = writer.schemas[name]
            let shaper = RowShaper(
                existing: schema?.columns ?? [], isDeclared: schema?.isDeclared ?? false, sourcePath: message.sourcePath)
            try writer.land(try shaper.shape(records, mapping), in: name, sourceID: message.id)
        }
        try writer.tag(ingestBy, in: name)
        return Ingested(
            records: records.count, rawSize: files.reduce(0) { $0 + $1.count },
            delete: { [container = located.container] in _ = container.delete(located.name) })
    }

    /// Deflated bytes under a name that does not say so are read as text by the service, and are none.
    private static func refuseDeflated(_ bytes: [UInt8], _ format: DataFormat) throws(IngestionFailure) {
        guard format.mappingKind == "Csv" || format.isJSON, bytes.starts(with: [0x1F, 0x8B]) else { return }
        throw IngestionFailure("BadRequest_UnexpectedCharacterInInputStream", "The blob is gzip, which its name does not say.")
    }
}

extension Records {
    /// These records and the others behind them.
    fileprivate func joined(_ others: Records) -> Records {
        if count == 0 { return others }
        return switch (self, others) {
        case (.fields(let first), .fields(let second)): .fields(first + second)
        case (.objects(let first), .objects(let second)): .objects(first + second)
        case (.fields, _), (.objects, _), (.opaque, _): others
        }
    }

    fileprivate var isOpaque: Bool { if case .opaque = self { true } else { false } }
}
