/// The body of a Put Block List.
enum BlockListDocument {
    static func references(_ body: [UInt8]) throws(StorageError) -> [BlobContainer.BlockReference] {
        let root: XMLElement
        do { root = try XMLReader.read(body) } catch { throw .invalidXML }
        guard root.name == "BlockList" else { throw .invalidXML }
        guard root.children.count <= BlobRules.maximumBlocks else {
            throw StorageError(400, "BlockListTooLong", "The block list may not contain more than 50,000 blocks.")
        }
        var references: [BlobContainer.BlockReference] = []
        for child in root.children {
            let source: BlobContainer.BlockReference.Source
            switch child.name {
            case "Latest": source = .latest
            case "Committed": source = .committed
            case "Uncommitted": source = .uncommitted
            default: throw .invalidXML
            }
            guard Digests.bytes(base64: child.text) != nil else { throw .invalidBlockList }
            references.append(BlobContainer.BlockReference(source: source, id: child.text))
        }
        return references
    }
}
