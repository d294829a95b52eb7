/// One entity: two keys, and properties that no schema binds.
package struct TableEntity: Hashable, Sendable {
    /// What tells an entity from all others of its table; also their order.
    package struct Key: Hashable, Comparable, Sendable {
        /// `PartitionKey`.
        package let partition: String
        /// `RowKey`.
        package let row: String

        package static func < (left: Key, right: Key) -> Bool {
            left.partition == right.partition ? left.row < right.row : left.partition < right.partition
        }
    }

    /// A property that is not one of the service's own three.
    package struct Property: Hashable, Sendable {
        /// Its name, case-sensitive.
        package let name: String
        /// Its value.
        package var value: TableValue

        init(_ name: String, _ value: TableValue) {
            self.name = name
            self.value = value
        }
    }

    /// The keys.
    package let key: Key
    /// The properties in the order in which they were first written.
    package var properties: [Property]
    /// When the entity was last written.
    package var timestamp: Moment

    static let maximumSize = 1024 * 1024
    static let maximumProperties = 252
    static let maximumValue = 64 * 1024

    /// The property of that name; the keys and the timestamp count as properties too.
    package subscript(name: String) -> TableValue? {
        switch name {
        case "PartitionKey": .text(key.partition)
        case "RowKey": .text(key.row)
        case "Timestamp": .time(timestamp.roundTripText)
        default: properties.first { $0.name == name }?.value
        }
    }

    /// Changes with every write: the time of the write, in the service's form.
    var etag: String { "W/\"datetime'\(PercentCoding.encode(timestamp.roundTripText))'\"" }

    /// Takes over the other's properties and keeps those that it lacks.
    mutating func merge(_ other: [Property]) {
        for property in other {
            if let index = properties.firstIndex(where: { $0.name == property.name }) {
                properties[index].value = property.value
            } else {
                properties.append(property)
            }
        }
    }

    /// Refuses what the service would not keep.
    func validate() throws(StorageError) {
        for text in [key.partition, key.row] {
            guard text.utf16.count <= 512 else { throw .keyValueTooLarge }
            guard
                text.unicodeScalars.allSatisfy({
                    $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) && !"/\\#?".unicodeScalars.contains($0)
                })
            else { throw .outOfRangeInput }
        }
        guard properties.count <= Self.maximumProperties else { throw .tooManyProperties }
        guard properties.allSatisfy({ $0.value.size <= Self.maximumValue }) else { throw .propertyValueTooLarge }
        guard properties.allSatisfy({ $0.name.utf16.count <= 255 }) else { throw .propertyNameTooLong }
        let size = properties.reduce(2 * (key.partition.utf16.count + key.row.utf16.count)) {
            $0 + 8 + 2 * $1.name.utf16.count + $1.value.size
        }
        guard size <= Self.maximumSize else { throw .entityTooLarge }
    }
}
