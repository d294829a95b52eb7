/// Reads databases, tables, mappings and forced failures from JSON, as `--setup` and `POST /__emulator/failures` take them:
///
///     {"databases": ["Logs"], "strictTables": true,
///      "tables": [{"database": "Logs", "table": "Web", "columns": [{"name": "at", "type": "datetime"}, {"name": "line"}]}],
///      "mappings": [{"table": "Web", "name": "Web_v1", "kind": "Json", "columns": [{"column": "at", "path": "$.t"}]}],
///      "failures": [{"table": "Bad", "code": "General_ThrottledIngestion", "failureStatus": "Exhausted", "shouldRetry": true, "times": 2}]}
package enum SetupDocument {
    /// What was wrong with a document.
    package struct Invalid: Error, CustomStringConvertible {
        package let description: String
    }

    /// Adds what the document says to a configuration.
    package static func apply(_ bytes: some Collection<UInt8>, to configuration: inout EmulatorConfiguration) throws {
        let document = try JSON.parse(bytes)
        guard document.members != nil else { throw Invalid(description: "a setup is a JSON object") }
        if let names = document["databases"]?.elements { configuration.databases = Set(names.compactMap(\.text)) }
        configuration.strictTables = document["strictTables"]?.flag ?? configuration.strictTables
        configuration.acceptsBinaryFormats = document["acceptsBinaryFormats"]?.flag ?? configuration.acceptsBinaryFormats
        configuration.requiresJSONMapping = document["requiresJSONMapping"]?.flag ?? configuration.requiresJSONMapping
        configuration.tables += try (document["tables"]?.elements ?? []).map(table)
        configuration.mappings += try (document["mappings"]?.elements ?? []).map(mapping)
        configuration.forcedFailures += try failures(document)
        if let settings = document["settings"] { try configuration.adjust { try SettingsDocument.apply(settings, to: &$0) } }
    }

    /// The forced failures of a document.
    package static func failures(_ document: JSON) throws -> [ForcedFailure] {
        try (document["failures"]?.elements ?? []).map { json in
            ForcedFailure(
                database: json["database"]?.text, table: try text(json, "table"), code: try text(json, "code"),
                failureStatus: json["failureStatus"]?.text ?? "Permanent", shouldRetry: json["shouldRetry"]?.flag ?? false,
                times: json["times"]?.integer, thenSucceeds: json["thenSucceeds"]?.flag ?? false,
                status: json["status"]?.text ?? "Failed")
        }
    }

    private static func table(_ json: JSON) throws -> TableDefinition {
        let columns = try (json["columns"]?.elements ?? []).map { column in
            let name = column["type"]?.text ?? "string"
            guard let type = ColumnType(name: name) else { throw Invalid(description: "\(name) is no type of a column") }
            return TableDefinition.Column(try text(column, "name"), type)
        }
        return TableDefinition(database: try text(json, "database"), table: try text(json, "table"), columns: columns)
    }

    private static func mapping(_ json: JSON) throws -> MappingDefinition {
        guard let columns = json["columns"], columns.elements != nil else {
            throw Invalid(description: "a mapping has an array named columns: \(json.encoded)")
        }
        return MappingDefinition(
            database: json["database"]?.text, table: json["table"]?.text, name: try text(json, "name"), kind: try text(json, "kind"),
            definition: columns.encoded)
    }

    private static func text(_ json: JSON, _ name: String) throws -> String {
        guard let text = json[name]?.text else { throw Invalid(description: "\(name) is missing in \(json.encoded)") }
        return text
    }
}
