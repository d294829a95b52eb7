extension AuthError {
    /// What an operator can do, where an operator can.
    package var hint: String? {
        if let aadsts, let hint = Self.hint(aadsts) { return hint }
        return switch kind {
        case .untrusted: "name the host under the trusted hosts of the configuration, if it is to be trusted with a token"
        case .transport, .refused, .unreadableReply, .secretUnavailable, .cancelled: nil
        }
    }

    private static func hint(_ number: Int) -> String? {
        switch number {
        case 70_011: "the scope is wrong: does the cluster's address belong to this cloud?"
        case 700_016: "the application (client id) is not in this tenant: are both right?"
        case 700_021, 700_213, 70_021: "no federated credential of the application matches: compare issuer, subject and audience"
        case 700_024: "the assertion is outside its time: is this machine's clock right?"
        case 700_027: "the certificate is not registered with the application, or its key does not belong to it"
        case 7_000_112: "the application is disabled in this tenant"
        case 7_000_215: "the client secret is wrong: the secret's value is needed, not its id"
        case 7_000_222: "the client secret has expired: make a new one and replace the file"
        case 90_002, 900_023: "there is no such tenant in this cloud"
        case 500_011: "the service is not known in this tenant: does the tenant use Azure Data Explorer, and in this cloud?"
        case 53_003: "a conditional access policy keeps the application out"
        case 50_196, 90_033: "Entra asks for patience; it will be tried again"
        default: nil
        }
    }
}
