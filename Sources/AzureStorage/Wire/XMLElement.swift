/// An element of a small XML document: what storage's replies consist of.
///
/// Attributes, comments and namespaces are read over. Bounded in depth and, by the transport, in size.
struct XMLElement {
    /// Without its prefix.
    var name: String
    /// Its own character data joined, entities resolved.
    var text = ""
    var children: [XMLElement] = []

    /// The first child of that name.
    subscript(_ name: String) -> XMLElement? { children.first { $0.name == name } }

    func children(named name: String) -> [XMLElement] { children.filter { $0.name == name } }

    /// Reads a document.
    ///
    /// - Throws: when it is not well-formed, deeper than 32 elements, or declares a document type (which could define entities).
    init(document: [UInt8]) throws(XMLFault) {
        var parser = XMLParser(document)
        self = try parser.document()
    }

    fileprivate init(name: String) { self.name = name }
}

/// Where a document stopped making sense.
struct XMLFault: Error, CustomStringConvertible {
    var offset: Int
    var what: String

    var description: String { "byte \(offset) of the XML: \(what)" }
}

/// Reads a document by recursive descent over its bytes.
private struct XMLParser {
    private let bytes: [UInt8]
    private var position = 0

    private static let deepest = 32

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(XMLFault) -> XMLElement {
        // Azure's replies begin with a byte order mark.
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        while position < bytes.count {
            if isBlank(bytes[position]) {
                position += 1
            } else if skip("<?") {
                try skipPast("?>")
            } else if skip("<!--") {
                try skipPast("-->")
            } else if skip("<!") {
                throw fault("a document type is declared")
            } else if skip("<") {
                return try element(depth: 1)
            } else {
                break
            }
        }
        throw fault("no element")
    }

    /// Reads from behind the `<` to behind the end tag.
    private mutating func element(depth: Int) throws(XMLFault) -> XMLElement {
        if depth > Self.deepest { throw fault("too deep") }
        var element = XMLElement(name: try name())
        if try skipAttributes() { return element }
        var text: [UInt8] = []
        while position < bytes.count {
            if skip("</") {
                guard try name() == element.name else { throw fault("\(element.name) is not closed") }
                try skipPast(">")
                element.text = String(decoding: text, as: UTF8.self)
                return element
            } else if skip("<!--") {
                try skipPast("-->")
            } else if skip("<![CDATA[") {
                let start = position
                try skipPast("]]>")
                text += bytes[start..<position - 3]
            } else if skip("<?") {
                try skipPast("?>")
            } else if skip("<") {
                element.children.append(try self.element(depth: depth + 1))
            } else if bytes[position] == UInt8(ascii: "&") {
                text += entity()
            } else {
                let start = position
                while position < bytes.count, bytes[position] != UInt8(ascii: "<"), bytes[position] != UInt8(ascii: "&") { position += 1 }
                text += bytes[start..<position]
            }
        }
        throw fault("\(element.name) is not closed")
    }

    private mutating func name() throws(XMLFault) -> String {
        let start = position
        while position < bytes.count, !isBlank(bytes[position]), bytes[position] != UInt8(ascii: ">"), bytes[position] != UInt8(ascii: "/")
        {
            position += 1
        }
        let whole = bytes[start..<position]
        guard !whole.isEmpty else { throw fault("an element without a name") }
        let local = whole.lastIndex(of: UInt8(ascii: ":")).map { whole[($0 + 1)...] } ?? whole
        return String(decoding: local, as: UTF8.self)
    }

    /// Reads to behind the tag's end; true when the tag closes itself.
    private mutating func skipAttributes() throws(XMLFault) -> Bool {
        while position < bytes.count {
            if skip("/>") { return true }
            if skip(">") { return false }
            if skip("\"") {
                try skipPast("\"")
            } else if skip("'") {
                try skipPast("'")
            } else {
                position += 1
            }
        }
        throw fault("a tag without an end")
    }

    /// The bytes that an entity stands for; an unknown one stands for itself.
    private mutating func entity() -> [UInt8] {
        let longest = 12
        guard let end = bytes[position...].prefix(longest).firstIndex(of: UInt8(ascii: ";")) else {
            position += 1
            return [UInt8(ascii: "&")]
        }
        let whole = bytes[position...end]
        position = end + 1
        let name = String(decoding: whole.dropFirst().dropLast(), as: UTF8.self)
        switch name {
        case "amp": return [UInt8(ascii: "&")]
        case "lt": return [UInt8(ascii: "<")]
        case "gt": return [UInt8(ascii: ">")]
        case "quot": return [UInt8(ascii: "\"")]
        case "apos": return [UInt8(ascii: "'")]
        default: break
        }
        guard name.hasPrefix("#") else { return Array(whole) }
        let number = name.hasPrefix("#x") ? UInt32(name.dropFirst(2), radix: 16) : UInt32(name.dropFirst())
        guard let scalar = number.flatMap(Unicode.Scalar.init) else { return Array(whole) }
        return Array(String(Character(scalar)).utf8)
    }

    private mutating func skip(_ text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard bytes.count - position >= length else { return false }
        for index in 0..<length where bytes[position + index] != text.utf8Start[index] { return false }
        position += length
        return true
    }

    private mutating func skipPast(_ text: StaticString) throws(XMLFault) {
        while position < bytes.count {
            if skip(text) { return }
            position += 1
        }
        throw fault("the document ends too early")
    }

    private func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\t")
    }

    private func fault(_ what: String) -> XMLFault { XMLFault(offset: position, what: what) }
}
