/// The strings that a shared access signature signs, for every version of the service since 2015-04-05.
///
/// Source: the official SDKs' signing code; Tests/KustoEmulatorTests holds the vectors that they made.
package enum SignatureLayout {
    /// What a service SAS covers. A blob's name is given decoded.
    package enum Resource: Sendable {
        case container(String)
        case blob(container: String, name: String)
        case queue(String)
        case table(String)
    }

    /// The string to sign of a service SAS over decoded parameters.
    package static func service(account: String, resource: Resource, parameters: [String: String]) -> String {
        func value(_ name: String) -> String { parameters[name] ?? "" }
        let head = ["sp", "st", "se"].map(value)
        let guards = ["si", "sip", "spr", "sv"].map(value)
        let version = value("sv")
        switch resource {
        case .queue(let name):
            return (head + ["/queue/\(account)/\(name)"] + guards).joined(separator: "\n")
        case .table(let name):
            let ranges = ["spk", "srk", "epk", "erk"].map(value)
            return (head + ["/table/\(account)/\(name.lowercased())"] + guards + ranges).joined(separator: "\n")
        case .container(let name):
            return blob(head, "/blob/\(account)/\(name)", guards, version, value)
        case .blob(let container, let name):
            return blob(head, "/blob/\(account)/\(container)/\(name)", guards, version, value)
        }
    }

    /// The string to sign of an account SAS over decoded parameters.
    package static func account(_ account: String, parameters: [String: String]) -> String {
        func value(_ name: String) -> String { parameters[name] ?? "" }
        var fields = [account] + ["sp", "ss", "srt", "st", "se", "sip", "spr", "sv"].map(value)
        if value("sv") >= "2020-12-06" { fields.append(value("ses")) }
        return fields.joined(separator: "\n") + "\n"
    }

    /// The signature: base64 of HMAC-SHA256 under the account's key.
    package static func sign(_ text: String, key: [UInt8]) -> String {
        Digests.base64(Digests.hmacSHA256(key: key, Array(text.utf8)))
    }

    private static func blob(
        _ head: [String], _ path: String, _ guards: [String], _ version: String, _ value: (String) -> String
    ) -> String {
        var fields = head + [path] + guards
        // Versions are dates, and dates of this form compare as text.
        if version >= "2018-11-09" { fields += [value("sr"), value("snapshot")] }
        if version >= "2020-12-06" { fields.append(value("ses")) }
        return (fields + ["rscc", "rscd", "rsce", "rscl", "rsct"].map(value)).joined(separator: "\n")
    }
}
