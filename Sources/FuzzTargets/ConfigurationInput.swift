import SpoolConfiguration

/// A configuration's text: it loads, or every complaint has a place in it and can be shown.
enum ConfigurationInput {
    static func check(_ bytes: [UInt8]) throws(Violation) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        let source = ConfigurationSource(file: "fuzz.yaml", text: text)
        let lines = text.unicodeScalars.count { $0.properties.isWhitespace } + 2
        let complaints: [Complaint]
        switch load(source) {
        case .success(let loaded):
            complaints = loaded.warnings
            try expect(!loaded.configuration.spools.isEmpty, "a configuration without a spool is right")
        case .failure(let error):
            complaints = error.complaints
            try expect(complaints.contains { $0.severity == .error }, "it is refused without a reason")
        }
        try expect(load(source) == load(source), "the same text is judged differently")
        for complaint in complaints {
            try expect(complaint.location.line >= 1 && complaint.location.line <= lines, "\(complaint) is behind the text's end")
            try expect(complaint.location.column >= 1, "\(complaint) has no column")
            try expect(!complaint.message.isEmpty, "a complaint without words")
            try expect(complaint.message.utf8.count <= 2000, "a complaint of \(complaint.message.utf8.count) bytes: \(complaint)")
        }
    }

    private static func load(_ source: ConfigurationSource) -> Result<LoadedConfiguration, ConfigurationError> {
        Result { () throws(ConfigurationError) in try Configuration.load([source]) }
    }
}
