/// The reader of storage's replies for those who try it with other people's bytes.
package enum StorageXML {
    /// What a document consists of.
    package struct Outline: Sendable, Hashable {
        package var elements = 0
        package var depth = 0
        /// Bytes of names and texts.
        package var bytes = 0
        /// The root's own text.
        package var text = ""
        /// How many messages could be handled, were it a queue's reply.
        package var messages = 0
    }

    /// Nil for what is no document.
    package static func outline(of document: [UInt8]) -> Outline? {
        let root: XMLElement
        do throws(XMLFault) { root = try XMLElement(document: document) } catch { return nil }
        var outline = Outline(text: root.text)
        count(root, depth: 1, &outline)
        outline.messages = root.children(named: "QueueMessage").compactMap(QueueMessage.init).count
        return outline
    }

    /// A text as it stands in a document of ours.
    package static func escaped(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        XMLText.append(text, to: &bytes)
        return bytes
    }

    private static func count(_ element: XMLElement, depth: Int, _ outline: inout Outline) {
        outline.elements += 1
        outline.depth = max(outline.depth, depth)
        outline.bytes += element.name.utf8.count + element.text.utf8.count
        for child in element.children { count(child, depth: depth + 1, &outline) }
    }
}
