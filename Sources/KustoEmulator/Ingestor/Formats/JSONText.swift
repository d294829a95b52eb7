/// Reads the three formats of JSON.
enum JSONText {
    /// `json`: an object a line. Lines that are none are dropped without a word, as the service does it.
    static func lines(_ bytes: [UInt8]) -> [JSON] {
        bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
            guard let value = JSON(parsing: line), value.members != nil else { return nil }
            return value
        }
    }

    /// `multijson`: objects one after the other, or arrays of them, over as many lines as they like.
    static func sequence(_ bytes: [UInt8]) throws(IngestionFailure) -> [JSON] {
        var objects: [JSON] = []
        var reader = JSONReader(bytes[(bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)...])
        do {
            while !reader.atEnd() {
                let value = try reader.value()
                objects += value.elements ?? [value]
                // A comma between objects is a common slip that the service puts up with too.
                _ = reader.pass(UInt8(ascii: ","))
            }
        } catch {
            throw IngestionFailure("BadRequest_InvalidBlob", "The blob is not valid JSON: \(error).")
        }
        guard objects.allSatisfy({ $0.members != nil }) else {
            throw IngestionFailure("BadRequest_InvalidBlob", "The blob holds JSON values that are no objects.")
        }
        return objects
    }

    /// `singlejson`: one value.
    static func single(_ bytes: [UInt8]) throws(IngestionFailure) -> JSON {
        do {
            return try JSONReader.read(bytes)
        } catch {
            throw IngestionFailure("BadRequest_InvalidBlob", "The blob is not one JSON value: \(error).")
        }
    }
}
