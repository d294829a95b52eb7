/// An element of the small XML documents that storage exchanges: names, text and children, no namespaces and no attributes kept.
struct XMLElement: Sendable {
    var name: String
    var text = ""
    var children: [XMLElement] = []

    func child(_ name: String) -> XMLElement? { children.first { $0.name == name } }

    /// Text made safe to stand in an element.
    static func escape(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "&") || $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: ">") }) else {
            return text
        }
        return text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}

/// Reads such a document. It is strict about what would be a client's bug: unbalanced elements, control characters, text after the root.
struct XMLReader {
    /// What any malformed document is to storage.
    struct Malformed: Error {}

    private let bytes: [UInt8]
    private var position = 0

    static func read(_ bytes: [UInt8]) throws(Malformed) -> XMLElement {
        var reader = XMLReader(bytes: bytes)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { reader.position = 3 }
        try reader.skipProlog()
        guard let root = try reader.element(depth: 0) else { throw Malformed() }
        try reader.skipProlog()
        guard reader.position == bytes.count else { throw Malformed() }
        return root
    }

    /// The text of a child of the root; nil where the document is malformed or has no such child.
    static func text(of name: String, in bytes: [UInt8]) -> String? {
        do throws(Malformed) { return try read(bytes).child(name)?.text } catch { return nil }
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func skipProlog() throws(Malformed) {
        while true {
            skipSpace()
            if comes("<?") {
                try skip(through: "?>")
            } else if comes("<!--") {
                try skip(through: "-->")
            } else {
                return
            }
        }
    }

    private mutating func element(depth: Int) throws(Malformed) -> XMLElement? {
        guard comes("<"), !comes("</"), depth < 32 else { return nil }
        position += 1
        let name = token()
        guard !name.isEmpty, let end = bytes[position...].firstIndex(of: UInt8(ascii: ">")) else { throw Malformed() }
        let isEmpty = bytes[end - 1] == UInt8(ascii: "/")
        position = end + 1
        var element = XMLElement(name: name)
        if isEmpty { return element }
        var text: [UInt8] = []
        while true {
            guard position < bytes.count else { throw Malformed() }
            if comes("</") {
                position += 2
                guard token() == name else { throw Malformed() }
                skipSpace()
                guard comes(">") else { throw Malformed() }
                position += 1
                element.text = String(decoding: text, as: UTF8.self)
                return element
            } else if comes("<!--") {
                try skip(through: "-->")
            } else if comes("<![CDATA[") {
                let start = position + 9
                try skip(through: "]]>")
                text += bytes[start..<(position - 3)]
            } else if let child = try self.element(depth: depth + 1) {
                element.children.append(child)
            } else {
                text += try characters()
            }
        }
    }

    /// The text up to the next markup, or what one entity stands for.
    private mutating func characters() throws(Malformed) -> ArraySlice<UInt8> {
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "&"), bytes[position] != UInt8(ascii: "<") {
            guard bytes[position] >= 0x20 || [0x09, 0x0A, 0x0D].contains(bytes[position]) else { throw Malformed() }
            position += 1
        }
        guard position == start else { return bytes[start..<position] }
        guard bytes[position] == UInt8(ascii: "&") else { throw Malformed() }
        position += 1
        guard let end = bytes[position...].prefix(12).firstIndex(of: UInt8(ascii: ";")) else { throw Malformed() }
        let name = String(decoding: bytes[position..<end], as: UTF8.self)
        position = end + 1
        if let named = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'"][name] { return Array(named.utf8)[...] }
        let number = name.hasPrefix("#x") ? UInt32(name.dropFirst(2), radix: 16) : name.hasPrefix("#") ? UInt32(name.dropFirst()) : nil
        guard let number, number >= 0x20 || [9, 10, 13].contains(number), let scalar = Unicode.Scalar(number) else { throw Malformed() }
        return Array(String(Character(scalar)).utf8)[...]
    }

    private mutating func token() -> String {
        let start = position
        while position < bytes.count, !" \t\r\n/>".utf8.contains(bytes[position]) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func skipSpace() {
        while position < bytes.count, " \t\r\n".utf8.contains(bytes[position]) { position += 1 }
    }

    private mutating func skip(through text: String) throws(Malformed) {
        while position < bytes.count {
            if comes(text) {
                position += text.utf8.count
                return
            }
            position += 1
        }
        throw Malformed()
    }

    private func comes(_ text: String) -> Bool { bytes[position...].starts(with: text.utf8) }
}
