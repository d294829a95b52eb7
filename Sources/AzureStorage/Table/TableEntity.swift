package import SpoolPrimitives

/// Where an entity stands in its table: two texts, compared byte for byte.
package struct TableKey: Sendable, Hashable {
    package var partition: String
    package var row: String

    package init(partition: String, row: String) {
        self.partition = partition
        self.row = row
    }

    /// `(PartitionKey='…',RowKey='…')`: quotes doubled, then percent-encoded (reference: azure-storage B3).
    var address: String { "(PartitionKey='\(Self.literal(partition))',RowKey='\(Self.literal(row))')" }

    private static func literal(_ text: String) -> String { PercentEncoding.encode(TableFilter.doublingQuotes(text)) }
}

/// An entity: its key, and properties as somebody wrote them.
package struct TableEntity: Sendable, Hashable {
    package var key: TableKey
    /// All but the key, in the order in which they came or are to be written.
    package var properties: [JSONMember]
    /// Which of its states this is; nil where a reply does not say.
    package var etag: String?

    package init(key: TableKey, properties: [JSONMember]) {
        self.key = key
        self.properties = properties
    }

    /// Nil without a key.
    init?(_ json: JSONValue) {
        guard let members = json.members, let partition = json["PartitionKey"]?.text, let row = json["RowKey"]?.text else { return nil }
        key = TableKey(partition: partition, row: row)
        etag = json["odata.etag"]?.text
        properties = members.filter { $0.key != "PartitionKey" && $0.key != "RowKey" && !$0.key.contains("odata.") }
    }

    /// The properties as one JSON object, for whoever reads them by name.
    package var json: JSONValue { .object(properties) }

    var encoded: [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.field("PartitionKey", key.partition)
            writer.field("RowKey", key.row)
            for property in properties {
                writer.key(property.key)
                writer.value(property.value)
            }
        }
        return writer.bytes
    }
}

/// One page of a query's answer. It may be empty and still not the last: the service ends a page after 1,000 entities or five seconds, or where its own
/// partitions end.
package struct TablePage: Sendable {
    package var entities: [TableEntity]
    /// Of the reply's body.
    package var size: ByteCount
    /// Where the next page begins; nil behind the last.
    package var continuation: TableContinuation?
}

/// The service's bookmark in an answer.
package struct TableContinuation: Sendable, Hashable {
    var partition: String
    var row: String?
}
