/// The management commands that ingestion uses.
enum ManagementCommand: Sendable {
    case ingestionResources
    case identityToken
    case showVersion
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
        } else {
            self = .other(command)
        }
    }

    var endpoint: Endpoint {
        switch self {
        case .ingestionResources: .managementResources
        case .identityToken: .managementIdentity
        case .showVersion: .managementVersion
        case .other, .malformed: .managementOther
        }
    }
}
