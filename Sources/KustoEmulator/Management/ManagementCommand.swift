/// The management commands that ingestion uses.
enum ManagementCommand: Sendable {
    case ingestionResources
    case identityToken
    case showVersion
    /// `.show ingestion failures`, of one operation or of all, with what stands behind it.
    case ingestionFailures(operation: String?, rest: Substring)
    case other(String)
    case malformed

    init(_ body: [UInt8]) {
        guard let request = JSON(parsing: body), let command = request["csl"]?.text else {
            self = .malformed
            return
        }
        let words = command.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        // Browsers' SDKs ask `with (EnableBlobCors='true', …)`, which changes nothing here.
        if words == ".get ingestion resources" || words.hasPrefix(".get ingestion resources with") {
            self = .ingestionResources
        } else if words == ".get kusto identity token" {
            self = .identityToken
        } else if words == ".show version" {
            self = .showVersion
        } else if words.hasPrefix(".show ingestion failures") {
            self = Self.failures(command)
        } else {
            self = .other(command)
        }
    }

    var endpoint: Endpoint {
        switch self {
        case .ingestionResources: .managementResources
        case .identityToken: .managementIdentity
        case .showVersion: .managementVersion
        case .ingestionFailures: .managementFailures
        case .other, .malformed: .managementOther
        }
    }

    private static func failures(_ command: String) -> ManagementCommand {
        let end = command.firstIndex(of: "|") ?? command.endIndex
        let head = command[..<end]
        let words = head.lowercased().split(whereSeparator: \.isWhitespace)
        guard words.count == 3 || words[3].hasPrefix("with") else { return .other(command) }
        var operation: String?
        // with (OperationId = "…")
        if let bracket = head.firstIndex(of: "("), let equal = head[bracket...].firstIndex(of: "="), let close = head.lastIndex(of: ")"),
            equal < close
        {
            operation = String(head[head.index(after: equal)..<close].filter { $0.isHexDigit || $0 == "-" }).lowercased()
        }
        return .ingestionFailures(operation: operation, rest: command[end...])
    }
}
