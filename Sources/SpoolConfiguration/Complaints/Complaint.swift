/// One fault of a configuration, or one thing in it that is allowed and probably not meant.
package struct Complaint: Sendable, Hashable {
    package enum Severity: String, Sendable, Hashable {
        /// The daemon does not start.
        case error
        case warning
    }

    package var severity: Severity
    package var location: SourceLocation
    /// What was found, what is allowed, and what was probably meant. Free of secrets.
    package var message: String

    package init(severity: Severity, location: SourceLocation, message: String) {
        self.severity = severity
        self.location = location
        self.message = message
    }
}

extension Complaint: CustomStringConvertible {
    /// `file:line:column: error: message`, as compilers write it.
    package var description: String { "\(location): \(severity.rawValue): \(message)" }
}

/// Everything that is wrong with a configuration; at least one of it is an error.
package struct ConfigurationError: Error, Sendable, Hashable {
    package var complaints: [Complaint]

    /// Whether the machine was at fault and not the configuration: it had no descriptor or no memory left, or could not read the disk. Another try may succeed.
    package var isOfTheSystem: Bool

    package init(complaints: [Complaint], isOfTheSystem: Bool = false) {
        self.complaints = complaints
        self.isOfTheSystem = isOfTheSystem
    }
}

extension ConfigurationError: CustomStringConvertible {
    /// A line for each complaint.
    package var description: String { complaints.map(\.description).joined(separator: "\n") }
}

/// Collects complaints, so that one run of `check-config` shows them all.
struct Complaints {
    private(set) var all: [Complaint] = []

    var hasErrors: Bool { all.contains { $0.severity == .error } }

    mutating func error(_ message: String, at location: SourceLocation) {
        all.append(Complaint(severity: .error, location: location, message: message))
    }

    mutating func warning(_ message: String, at location: SourceLocation) {
        all.append(Complaint(severity: .warning, location: location, message: message))
    }

    /// In the order of the files, and by place within each.
    func sorted(files: [String]) -> [Complaint] {
        let order = Dictionary(files.enumerated().map { ($1, $0) }, uniquingKeysWith: min)
        return all.enumerated().sorted { a, b in
            let fileA = order[a.element.location.file] ?? files.count
            let fileB = order[b.element.location.file] ?? files.count
            if fileA != fileB { return fileA < fileB }
            return a.element.location == b.element.location ? a.offset < b.offset : a.element.location < b.element.location
        }.map(\.element)
    }
}
