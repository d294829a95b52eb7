import EntraAuth
import SpoolPrimitives
import Testing

@Suite struct TrustedEndpointsTests {
    private let trusted = TrustedEndpoints(extra: ["kusto.example", "*.lab.example"])

    @Test(
        "services of the known clouds, of the configuration and of this machine are trusted",
        arguments: [
            "https://ingest-c.westeurope.kusto.windows.net", "https://INGEST-C.Kusto.Windows.NET/path",
            "https://c.kusto.fabric.microsoft.com:443",
            "https://c.z1.kusto.usgovcloudapi.net", "https://c.kusto.chinacloudapi.cn", "https://c.kusto.azuresynapse.azure.cn",
            "https://adx.monitor.azure.com", "http://127.0.0.1:8080", "http://localhost", "https://kusto.example",
            "https://a.b.lab.example",
            "https://c.kusto.windows.net.",
        ])
    func services(text: String) throws {
        try trusted.check(service: #require(SecretURL(text)))
    }

    @Test(
        "others are not",
        arguments: [
            "https://kusto.windows.net.example.com", "https://evilkusto.windows.net", "https://kusto.windows.net", "https://example.com",
            "http://c.kusto.windows.net", "https://lab.example", "https://x.kusto.example", "https://adx.monitor.azure.com.example",
            "https://login.microsoftonline.com",
        ])
    func foreign(text: String) throws {
        let url = try #require(SecretURL(text))
        #expect(throws: AuthError.self) { try trusted.check(service: url) }
    }

    @Test(
        "a login must belong to the cloud of the service that names it",
        arguments: [
            ("https://c.kusto.windows.net", "https://login.microsoftonline.com", true),
            ("https://c.kusto.windows.net", "https://login.partner.microsoftonline.cn", false),
            ("https://c.kusto.chinacloudapi.cn", "https://login.partner.microsoftonline.cn", true),
            ("https://c.kusto.usgovcloudapi.net", "https://login.microsoftonline.com", false),
            ("https://kusto.example", "https://login.microsoftonline.us", true),
            ("http://127.0.0.1:1", "http://127.0.0.1:2", true),
            ("https://c.kusto.windows.net", "https://login.example.com", false),
            ("https://c.kusto.windows.net", "https://sso.lab.example", true),
        ])
    func logins(service: String, login: String, isTrusted: Bool) throws {
        let service = try #require(SecretURL(service))
        let login = try #require(SecretURL(login))
        if isTrusted {
            try trusted.check(login: login, namedBy: service)
        } else {
            #expect(throws: AuthError.self) { try trusted.check(login: login, namedBy: service) }
        }
    }
}
