import Yams

/// Turns the text of one file into nodes with places, and every fault of its YAML into a complaint.
struct YAMLReader {
    /// Aliases may refer to aliases: a few lines can stand for more nodes than any configuration has.
    private static let mostNodes = 50_000

    private let file: String
    private var text: String
    private var nodes = 0

    private init(file: String, text: String) {
        self.file = file
        // A byte order mark, which some editors write, would become part of the first key.
        let text = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
        // Yams hands libYAML a pointer into the string's storage, which a string of up to 15 bytes has none of: it must not be that short.
        self.text = text.utf8.count < 16 ? text + String(repeating: " ", count: 16) : text
    }

    /// The document's root: nil when the file is empty or its YAML is broken; in the latter case a complaint says where.
    static func read(_ text: String, file: String, complaints: inout Complaints) -> YAMLNode? {
        var reader = YAMLReader(file: file, text: text)
        guard let root = reader.compose(&complaints) else { return nil }
        guard let node = reader.convert(root, &complaints), !node.isNull, reader.nodes <= mostNodes else { return nil }
        return node
    }

    /// Yams refuses a document with a key given twice, at the first of them. Each repetition is complained of and blanked, and the rest read on.
    private mutating func compose(_ complaints: inout Complaints) -> Node? {
        var blanked = 0
        while true {
            do {
                return try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
            } catch YamlError.duplicatedKeysInMapping(let names, let context) {
                let first = location(context.mark)
                guard let name = names.first else { return nil }
                guard blanked < 100, let second = DuplicateKeys.second(of: name, after: context.mark, in: text) else {
                    complaints.error("'\(name)' is given twice in the same map", at: first)
                    return nil
                }
                complaints.error(
                    "'\(name)' is given twice; the first is in line \(first.line)",
                    at: SourceLocation(file: file, line: second.line, column: second.column))
                text = DuplicateKeys.blanking(second, in: text, number: blanked)
                blanked += 1
            } catch {
                complaints.error(describe(error), at: location(of: error))
                return nil
            }
        }
    }

    private mutating func convert(_ node: Node, _ complaints: inout Complaints) -> YAMLNode? {
        nodes += 1
        if nodes > Self.mostNodes {
            if nodes == Self.mostNodes + 1 { complaints.error("the file has more than \(Self.mostNodes) values", at: location(node.mark)) }
            return nil
        }
        switch node {
        case .scalar(let scalar):
            return YAMLNode(content: .scalar(scalar.string, isPlain: scalar.style == .plain), location: location(scalar.mark))
        case .sequence(let sequence):
            var elements: [YAMLNode] = []
            for element in sequence {
                if let element = convert(element, &complaints) { elements.append(element) }
            }
            return YAMLNode(content: .sequence(elements), location: location(sequence.mark))
        case .mapping(let mapping):
            var entries: [YAMLEntry] = []
            for (key, value) in mapping {
                guard case .scalar(let name) = key else {
                    complaints.error("a key must be a plain name", at: location(key.mark))
                    continue
                }
                if DuplicateKeys.isBlanked(name.string) { continue }
                if let value = convert(value, &complaints) {
                    entries.append(YAMLEntry(key: name.string, keyLocation: location(name.mark), value: value))
                }
            }
            return YAMLNode(content: .mapping(entries), location: location(mapping.mark))
        case .alias(let alias):
            complaints.error("an alias to nothing", at: location(alias.mark))
            return nil
        }
    }

    private func location(_ mark: Mark?) -> SourceLocation {
        SourceLocation(file: file, line: mark?.line ?? 1, column: mark?.column ?? 1)
    }

    private func location(of error: any Error) -> SourceLocation {
        switch error as? YamlError {
        case .scanner(let context?, let problem, _, _) where problem.contains("end of stream"):
            // Where it began says more than that the file ends.
            return location(context.mark)
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): return location(mark)
        case .reader(_, let offset, _, _):
            let before = text.prefix(offset ?? 0)
            let line = before.count { $0.isNewline } + 1
            let column = before.reversed().prefix { !$0.isNewline }.count + 1
            return SourceLocation(file: file, line: line, column: column)
        default: return location(nil)
        }
    }

    private func describe(_ error: any Error) -> String {
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
            let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
            if mark.line <= lines.count, lines[mark.line - 1].prefix(while: { $0 == " " || $0 == "\t" }).contains("\t") {
                return "not YAML: a tab in the indentation; use spaces"
            }
            return "not YAML: \(problem)" + (context.map { " \($0.text) of line \($0.mark.line)" } ?? "")
        case .composer(_, let problem, _, _):
            return problem.contains("another document") ? "a second document begins here; a file holds one" : "not YAML: \(problem)"
        case .reader(let problem, _, _, _): return "not YAML: \(problem)"
        default: return "not YAML: \(error)"
        }
    }
}
