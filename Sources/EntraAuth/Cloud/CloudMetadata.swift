import FoundationEssentials
package import SpoolPrimitives

/// What a cluster says about where and for what to log in (reference: kusto-queued-ingestion §1.8).
package struct CloudMetadata: Sendable, Hashable {
    /// Without a slash at the end.
    package var loginEndpoint: SecretURL
    /// Whether tokens are for the service's twin that asks for a second factor.
    package var isLoginMFARequired: Bool
    /// The application that people log in with (device code).
    package var clientAppID: String
    /// As the cluster names it; see ``audience`` for what a token is asked for.
    package var serviceResource: String

    /// For what a token is to be asked, and where.
    package var audience: TokenAudience {
        let resource = isLoginMFARequired ? serviceResource.replacingFirst(".kusto.", with: ".kustomfa.") : serviceResource
        return TokenAudience(loginEndpoint: loginEndpoint, resource: resource)
    }

    private init(loginEndpoint: SecretURL, reply: Reply.Directory?) {
        self.loginEndpoint = loginEndpoint
        isLoginMFARequired = reply?.LoginMfaRequired ?? false
        clientAppID = reply?.KustoClientAppId.flatMap { $0.isEmpty ? nil : $0 } ?? "db662dc1-0cfe-4e1c-a843-19a68e65be58"
        let resource = reply?.KustoServiceResourceId ?? ""
        serviceResource = resource.isEmpty ? "https://kusto.kusto.windows.net" : resource.droppingSlash
    }

    private static let publicLogin = "https://login.microsoftonline.com"

    /// The public cloud's, for clusters that say nothing.
    package static let publicCloud: CloudMetadata = {
        guard let login = SecretURL(publicLogin) else { preconditionFailure() }
        return CloudMetadata(loginEndpoint: login, reply: nil)
    }()

    /// Reads the body of a 200.
    ///
    /// `{"AzureAD": null}` means the public cloud. An empty body, or an object without that key, is an error: as in the Python and Java SDKs,
    /// a proxy's polite page must not decide where a secret goes.
    init(body: [UInt8], operation: String) throws(AuthError) {
        let reply: Reply
        do {
            reply = try JSONDecoder().decode(Reply.self, from: Data(body))
        } catch {
            throw AuthError(operation: operation, .unreadableReply("no cloud metadata"))
        }
        guard let directory = reply.AzureAD else {
            self = .publicCloud
            return
        }
        let login = directory.LoginEndpoint.flatMap { $0.isEmpty ? nil : $0.droppingSlash } ?? Self.publicLogin
        guard let endpoint = SecretURL(login), endpoint.query == nil else {
            throw AuthError(operation: operation, .unreadableReply("LoginEndpoint is no address"))
        }
        self.init(loginEndpoint: endpoint, reply: directory)
    }

    /// The names are the service's.
    private struct Reply: Decodable {
        struct Directory: Decodable {
            let LoginEndpoint: String?
            let LoginMfaRequired: Bool?
            let KustoClientAppId: String?
            let KustoServiceResourceId: String?
        }

        let AzureAD: Directory?

        private enum CodingKeys: CodingKey { case AzureAD }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            // The key must be there; its value may be null.
            AzureAD = try container.decodeNil(forKey: .AzureAD) ? nil : container.decode(Directory.self, forKey: .AzureAD)
        }
    }
}

extension String {
    fileprivate var droppingSlash: String { hasSuffix("/") ? String(dropLast()) : self }

    fileprivate func replacingFirst(_ text: String, with other: String) -> String {
        guard let range = firstRange(of: text) else { return self }
        return self[..<range.lowerBound] + other + self[range.upperBound...]
    }
}
