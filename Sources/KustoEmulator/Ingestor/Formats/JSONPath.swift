/// The JSON paths of mappings: `$`, `$.a.b`, `$['a b']`, `$.a[0]`.
struct JSONPath: Sendable {
    private enum Step: Sendable {
        case name(String)
        case index(Int)
    }

    private let steps: [Step]

    /// Nil for a path of another form.
    init?(_ text: String) {
        guard text.hasPrefix("$") else { return nil }
        var steps: [Step] = []
        var rest = text.dropFirst()
        while let first = rest.first {
            if first == "." {
                let name = rest.dropFirst().prefix { $0 != "." && $0 != "[" }
                guard !name.isEmpty else { return nil }
                steps.append(.name(String(name)))
                rest = rest.dropFirst(1 + name.count)
            } else if first == "[", let end = rest.firstIndex(of: "]") {
                let inside = rest[rest.index(after: rest.startIndex)..<end]
                if let index = Int(inside) {
                    steps.append(.index(index))
                } else if inside.count >= 2, let quote = inside.first, "'\"".contains(quote), inside.last == quote {
                    steps.append(.name(String(inside.dropFirst().dropLast())))
                } else {
                    return nil
                }
                rest = rest[rest.index(after: end)...]
            } else {
                return nil
            }
        }
        self.steps = steps
    }

    func value(in json: JSON) -> JSON? {
        var value: JSON? = json
        for step in steps {
            switch step {
            case .name(let name): value = value?[name]
            case .index(let index): value = value?.elements.flatMap { $0.indices.contains(index) ? $0[index] : nil }
            }
        }
        return value
    }
}
