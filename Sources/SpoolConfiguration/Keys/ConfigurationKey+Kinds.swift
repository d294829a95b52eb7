import SpoolPrimitives

/// The kinds of value that one scalar holds.
extension ConfigurationKey {
    /// A value written as one scalar.
    ///
    /// - Parameters:
    ///   - hint: what may be wrong with a text that is not allowed, to be put behind the complaint.
    ///   - read: nil for a text that is not allowed.
    static func scalar(
        _ name: String, allowed: String, _ presence: KeyDescription.Presence, _ text: String,
        hint: @escaping @Sendable (String) -> String = { _ in "" }, read: @escaping @Sendable (String) -> Value?
    ) -> ConfigurationKey {
        ConfigurationKey(description: KeyDescription(name, allowed: allowed, presence: presence, text: text)) { node, context, complaints in
            var behind = ""
            if case .scalar(let scalar, _) = node.content, !node.isNull {
                if let value = read(scalar) { return value }
                behind = hint(scalar)
            }
            complaints.error("\(context.path): found \(node.shown), allowed is \(allowed)\(behind)", at: node.location)
            return nil
        }
    }
}

extension ConfigurationKey<String> {
    static func text(_ name: String, _ presence: KeyDescription.Presence, allowed: String = "a text", _ text: String) -> ConfigurationKey {
        scalar(name, allowed: allowed, presence, text) { $0.isEmpty ? nil : $0 }
    }

    /// An absolute path; the value has no trailing, doubled or dotted parts.
    static func path(_ name: String, _ presence: KeyDescription.Presence, _ text: String) -> ConfigurationKey {
        scalar(name, allowed: "an absolute path without '..'", presence, text, read: AbsolutePath.normalized)
    }
}

extension ConfigurationKey<Bool> {
    static func flag(_ name: String, default value: Bool, _ text: String) -> ConfigurationKey {
        scalar(name, allowed: "true or false", .defaulted("\(value)"), text, hint: hint) {
            $0 == "true" ? true : $0 == "false" ? false : nil
        }
    }

    /// YAML 1.1 had eleven spellings of each.
    private static func hint(_ text: String) -> String {
        switch text.lowercased() {
        case "yes", "y", "on", "true", "1": "; did you mean true?"
        case "no", "n", "off", "false", "0": "; did you mean false?"
        default: ""
        }
    }
}

extension ConfigurationKey<Int> {
    /// - Parameter value: nil where there may be none.
    static func count(_ name: String, in range: ClosedRange<Int>, default value: Int?, _ text: String) -> ConfigurationKey {
        let presence = value.map { KeyDescription.Presence.defaulted("\($0)") } ?? .optional
        return scalar(name, allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)", presence, text) { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension ConfigurationKey<Duration> {
    static func duration(
        _ name: String, in range: ClosedRange<Duration>, default value: String, _ text: String
    ) -> ConfigurationKey {
        let units = Units.durations.map(\.unit)
        let allowed =
            "a whole number with a unit (\(units.joined(separator: ", "))), from \(Units.text(range.lowerBound)) to \(Units.text(range.upperBound))"
        return scalar(name, allowed: allowed, .defaulted(value), text, hint: { Units.hint($0, units: units) }) { text in
            Units.duration(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension ConfigurationKey<ByteCount> {
    /// - Parameter value: nil where there may be none.
    static func size(
        _ name: String, in range: ClosedRange<ByteCount>, default value: String?, _ text: String
    ) -> ConfigurationKey {
        let units = Units.sizes.map(\.unit)
        let allowed =
            "a whole number with a unit (\(units.joined(separator: ", "))), from \(Units.text(range.lowerBound)) to \(Units.text(range.upperBound))"
        return scalar(name, allowed: allowed, value.map { .defaulted($0) } ?? .optional, text, hint: { Units.hint($0, units: units) }) {
            text in
            Units.size(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension ConfigurationKey where Value: Equatable {
    /// One of a few words.
    ///
    /// - Parameter later: words of later versions, which are recognised and refused.
    static func choice(
        _ name: String, _ words: [(String, Value)], later: [String] = [], _ presence: KeyDescription.Presence, _ text: String
    ) -> ConfigurationKey {
        let list = words.map(\.0).joined(separator: ", ")
        let allowed = words.count == 1 ? list : "one of \(list)"
        return ConfigurationKey(description: KeyDescription(name, allowed: allowed, presence: presence, text: text)) {
            node, context, complaints in
            guard case .scalar(let word, _) = node.content, !node.isNull else {
                complaints.error("\(context.path): found \(node.shown), allowed is \(allowed)", at: node.location)
                return nil
            }
            if let value = words.first(where: { $0.0 == word })?.1 { return value }
            if later.contains(word) {
                complaints.error("\(context.path): '\(word)' is not in this version yet; it has \(list)", at: node.location)
                return nil
            }
            let nearest = NearestName.nearest(to: word, among: words.map(\.0) + later)
            complaints.error(
                "\(context.path): found \(node.shown), allowed is \(allowed)" + (nearest.map { "; did you mean '\($0)'?" } ?? ""),
                at: node.location)
            return nil
        }
    }
}

extension ConfigurationKey<SecretReference> {
    /// The whereabouts of a secret. What was found is never shown: it may be the secret itself.
    static func secret(_ name: String, _ text: String) -> ConfigurationKey {
        let allowed = "an absolute path of a file, or credential:NAME"
        return ConfigurationKey(description: KeyDescription(name, allowed: allowed, presence: .optional, text: text)) {
            node, context, complaints in
            if case .scalar(let scalar, _) = node.content, let reference = SecretReference(scalar) { return reference }
            complaints.error(
                "\(context.path): secrets do not stand in the configuration; allowed is \(allowed)", at: node.location)
            return nil
        }
    }
}
