/// As whom the daemon ingests.
package enum CredentialSettings: Sendable, Hashable {
    /// An application with a secret.
    case clientSecret(tenant: String, clientID: String, secret: SecretReference)
    /// A token as it is, for the emulator.
    case staticToken(SecretReference)
}

extension CredentialSettings {
    private enum Kind: Sendable, Hashable {
        case clientSecret
        case staticToken
    }

    /// Names of the design that this version has no code for.
    private static let laterKinds = [
        "client_certificate", "managed_identity", "workload_identity", "azure_cli", "device_code", "token_command",
    ]

    private static let kind = ConfigurationKey<Kind>.choice(
        "kind", [("client_secret", .clientSecret), ("static_token", .staticToken)], later: laterKinds, .required,
        "`client_secret`: an Entra application with a secret. `static_token`: a token as it is, for the emulator and for trials; it is not renewed."
    )

    private static let tenant = ConfigurationKey<String>.scalar(
        "tenant", allowed: "the tenant's id or one of its domains", .optional, "Of `client_secret`: the Entra tenant.", read: name)

    private static let clientID = ConfigurationKey<String>.scalar(
        "client_id", allowed: "the application's id", .optional, "Of `client_secret`: the application (client) id.", read: name)

    private static let secret = ConfigurationKey<SecretReference>.secret(
        "secret", "Of `client_secret`: where the application's secret is kept.")

    private static let token = ConfigurationKey<SecretReference>.secret("token", "Of `static_token`: where the token is kept.")

    static let section = SectionDescription(
        "cluster.credential", "As whom to ingest. The principal needs the Database Ingestor or Table Ingestor role.",
        [kind.description, tenant.description, clientID.description, secret.description, token.description])

    static let key = ConfigurationKey<CredentialSettings>(
        description: KeyDescription("credential", allowed: "a map of keys", presence: .required, text: section.text, section: section)
    ) { node, context, complaints in
        // The fields of a kind that is not to be had yet are of no interest: one complaint about the kind is enough.
        if case .mapping(let entries) = node.content, let entry = entries.last(where: { $0.key == "kind" }),
            case .scalar(let word, _) = entry.value.content, laterKinds.contains(word)
        {
            _ = kind.parse(entry.value, ValueContext(path: "\(context.path).kind"), &complaints)
            return nil
        }
        return fields.parse(node, context, &complaints)
    }

    private static let fields = ConfigurationKey<CredentialSettings>.section("credential", section, required: true) { reader in
        let kind = reader.read(kind)
        let tenant = reader.read(tenant)
        let clientID = reader.read(clientID)
        let secret = reader.read(secret)
        let token = reader.read(token)
        switch kind {
        case nil: return nil
        case .clientSecret:
            refuse(["token"], of: "static_token", &reader)
            require(["tenant", "client_id", "secret"], for: "client_secret", &reader)
            guard let tenant, let clientID, let secret else { return nil }
            return .clientSecret(tenant: tenant, clientID: clientID, secret: secret)
        case .staticToken:
            refuse(["tenant", "client_id", "secret"], of: "client_secret", &reader)
            require(["token"], for: "static_token", &reader)
            return token.map { .staticToken($0) }
        }
    }

    private static func require(_ names: [String], for kind: String, _ reader: inout SectionReader) {
        for name in names where !reader.isGiven(name) {
            reader.complaints.error("\(reader.address(name)) is missing; kind \(kind) needs it", at: reader.location)
        }
    }

    private static func refuse(_ names: [String], of kind: String, _ reader: inout SectionReader) {
        for name in names where reader.isGiven(name) { reader.error(name, "belongs to kind \(kind)") }
    }

    private static func name(_ text: String) -> String? {
        let isName = !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0)) }
        return isName ? text : nil
    }
}
