/// A table that exists before its first ingestion.
package struct TableDefinition: Sendable {
    /// A column.
    package struct Column: Sendable, Hashable {
        /// The name, case-sensitive.
        package let name: String
        /// The type.
        package let type: ColumnType

        /// A column.
        package init(_ name: String, _ type: ColumnType = .string) {
            self.name = name
            self.type = type
        }
    }

    /// The database.
    package let database: String
    /// The table.
    package let table: String
    /// Its columns in order.
    package let columns: [Column]

    /// A table.
    package init(database: String, table: String, columns: [Column]) {
        self.database = database
        self.table = table
        self.columns = columns
    }
}

/// A mapping that messages may refer to by name.
package struct MappingDefinition: Sendable {
    /// The database; nil means every one.
    package let database: String?
    /// The table; nil means every one.
    package let table: String?
    /// The name, case-sensitive.
    package let name: String
    /// `Csv`, `Json` …
    package let kind: String
    /// The column mappings as JSON text.
    package let definition: String

    /// A mapping.
    package init(database: String? = nil, table: String? = nil, name: String, kind: String, definition: String) {
        self.database = database
        self.table = table
        self.name = name
        self.kind = kind
        self.definition = definition
    }
}

/// A failure that the ingestor gives instead of ingesting, for the sake of whoever must handle it.
package struct ForcedFailure: Sendable {
    /// The database; nil means every one.
    package var database: String?
    /// The table.
    package var table: String
    /// The service's error code.
    package var code: String
    /// `Permanent`, `Transient`, `Exhausted` or `Unknown`.
    package var failureStatus: String
    /// What the notification says.
    package var shouldRetry: Bool
    /// How many messages fail; nil means all.
    package var times: Int?
    /// Whether the rows land all the same after the failure was reported, as when the service retries by itself.
    package var thenSucceeds: Bool
    /// What the status table calls it: `Failed`, or `PartiallySucceeded` where a part of the rows is in.
    package var status: String

    /// A forced failure.
    package init(
        database: String? = nil, table: String, code: String, failureStatus: String = "Permanent", shouldRetry: Bool = false,
        times: Int? = nil, thenSucceeds: Bool = false, status: String = "Failed"
    ) {
        self.database = database
        self.table = table
        self.code = code
        self.failureStatus = failureStatus
        self.shouldRetry = shouldRetry
        self.times = times
        self.thenSucceeds = thenSucceeds
        self.status = status
    }
}
