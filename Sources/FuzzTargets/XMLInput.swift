import AzureStorage
import SpoolPrimitives

/// A reply of Azure Storage.
enum XMLInput {
    static func check(_ bytes: [UInt8]) throws(Violation) {
        if let outline = StorageXML.outline(of: bytes) {
            try expect(outline.depth <= 32, "\(outline.depth) elements in each other")
            // Malformed UTF-8 becomes three bytes for one; no entity is longer than what it stands for.
            try expect(outline.bytes <= bytes.count * 3, "\(outline.bytes) bytes came of \(bytes.count)")
            try expect(outline.messages <= outline.elements, "more messages than elements")
        }
        // What we write ourselves is read as it was.
        let text = String(decoding: bytes, as: UTF8.self)
        let document = Array("<a>".utf8) + StorageXML.escaped(text) + Array("</a>".utf8)
        try expect(StorageXML.outline(of: document)?.text == text, "a text that was written reads differently")
    }
}
