/// Microsoft Entra's token endpoint, for the client credentials flow.
struct TokenEndpoint: Sendable {
    let cloud: Cloud

    func answer(_ request: Request, tenant: String) -> Reply {
        guard request.method == "POST" else { return .empty(405) }
        let configuration = cloud.configuration
        guard tenant == configuration.tenant else {
            return refuse(400, "invalid_request", 90002, "Tenant '\(tenant)' not found. Check to make sure you have the correct tenant ID.")
        }
        let form = PercentCoding.formPairs(String(decoding: request.bodyBytes, as: UTF8.self))
        guard form["grant_type"] == "client_credentials" else {
            return refuse(
                400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type '\(form["grant_type"] ?? "")'.")
        }
        guard let scope = form["scope"], scope.hasSuffix("/.default") else {
            return refuse(400, "invalid_scope", 70011, "The provided value for the input parameter 'scope' is not valid.")
        }
        guard form["client_id"] == configuration.clientID else {
            return refuse(
                400, "unauthorized_client", 700_016,
                "Application with identifier '\(form["client_id"] ?? "")' was not found in the directory.")
        }
        guard form["client_secret"] == configuration.clientSecret else {
            return refuse(
                401, "invalid_client", 7_000_215, "Invalid client secret provided. Ensure the secret being sent is the client secret value."
            )
        }
        let (token, seconds) = cloud.bearers.issue()
        return .json(
            200,
            ["token_type": "Bearer", "expires_in": .integer(seconds), "ext_expires_in": .integer(seconds), "access_token": .string(token)])
    }

    /// What MSAL asks before it trusts an authority that it does not know.
    func instanceDiscovery(_ request: Request) -> Reply {
        let endpoint = "\(request.base(default: cloud.authority))/\(cloud.configuration.tenant)/v2.0/.well-known/openid-configuration"
        return .json(
            200, ["tenant_discovery_endpoint": .string(endpoint), "api-version": "1.1", "metadata": .array([])])
    }

    func openIDConfiguration(_ request: Request, tenant: String) -> Reply {
        let base = "\(request.base(default: cloud.authority))/\(tenant)"
        return .json(
            200,
            [
                "token_endpoint": .string("\(base)/oauth2/v2.0/token"), "authorization_endpoint": .string("\(base)/oauth2/v2.0/authorize"),
                "device_authorization_endpoint": .string("\(base)/oauth2/v2.0/devicecode"), "issuer": .string("\(base)/v2.0"),
                "jwks_uri": .string("\(base)/discovery/v2.0/keys"), "response_types_supported": ["code", "id_token", "token"],
                "subject_types_supported": ["pairwise"], "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["client_secret_post"], "scopes_supported": ["openid"],
                "tenant_region_scope": .null,
            ])
    }

    private func refuse(_ status: Int, _ error: String, _ code: Int, _ text: String) -> Reply {
        let (trace, correlation) = (Identifier.guid(), Identifier.guid())
        let time = cloud.clock.now.secondsText.replacing("T", with: " ")
        let description = "AADSTS\(code): \(text)\r\nTrace ID: \(trace)\r\nCorrelation ID: \(correlation)\r\nTimestamp: \(time)"
        return .json(
            status,
            [
                "error": .string(error), "error_description": .string(description), "error_codes": [.integer(code)],
                "timestamp": .string(time),
                "trace_id": .string(trace), "correlation_id": .string(correlation),
                "error_uri": .string("\(cloud.authority)/error?code=\(code)"),
            ])
    }
}
