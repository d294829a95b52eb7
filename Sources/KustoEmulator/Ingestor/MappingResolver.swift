/// Finds the mapping that a message asks for.
struct MappingResolver {
    let cloud: Cloud
    let message: IngestionMessage

    /// Nil where the message asks for none: identity.
    func mapping(_ format: DataFormat) throws(IngestionFailure) -> [ColumnMapping]? {
        let kind = message.properties["ingestionmappingtype"]?.text
        if let inline = message.properties["ingestionmapping"] ?? alias("mapping", format) {
            if let kind, kind != format.mappingKind {
                throw IngestionFailure("BadRequest_InvalidMapping", "A mapping of kind \(kind) does not fit format \(format.rawValue).")
            }
            guard let text = inline.text else {
                throw IngestionFailure("BadRequest_InvalidMapping", "The inline mapping is not JSON text in a string.")
            }
            return try ColumnMapping.read(text, format)
        }
        guard let reference = (message.properties["ingestionmappingreference"] ?? alias("mappingreference", format)) else {
            if format.isJSON, cloud.configuration.requiresJSONMapping {
                throw IngestionFailure(
                    "BadRequest_MissingMappingtFailure", "Json format must be ingested with ingestionMapping or ingestionMappingReference.")
            }
            return nil
        }
        guard let name = reference.text, !name.isEmpty else {
            throw IngestionFailure("BadRequest_EmptyMappingReference", "The mapping reference is empty.")
        }
        let candidates = cloud.configuration.mappings.filter { definition in
            definition.name == name && (definition.database ?? message.database) == message.database
                && (definition.table ?? message.table) == message.table
        }
        guard let found = candidates.first(where: { $0.kind.lowercased() == (kind ?? format.mappingKind).lowercased() }) else {
            let text = "Mapping reference '\(name)' of kind '\(kind ?? format.mappingKind)' was not found in table '\(message.table)'."
            throw IngestionFailure("BadRequest_MappingReferenceWasNotFound", text)
        }
        guard (kind ?? found.kind) == format.mappingKind else {
            throw IngestionFailure(
                "BadRequest_InvalidMappingReference", "A mapping of kind \(kind ?? found.kind) does not fit format \(format.rawValue).")
        }
        return try ColumnMapping.read(found.definition, format)
    }

    /// The older names: `csvMapping`, `jsonMappingReference` …
    private func alias(_ suffix: String, _ format: DataFormat) -> JSON? { message.properties[format.mappingKind.lowercased() + suffix] }
}
