import KustoWire
import SpoolPrimitives
import Testing

/// Source of the rows: reference: kusto-queued-ingestion §1.1.
@Suite struct IngestEndpointTests {
    private static func result(_ text: String, isVerbatim: Bool = false) -> String {
        do throws(IngestEndpointComplaint) {
            return try IngestEndpoint(configured: text, isVerbatim: isVerbatim).managementURL.revealed
        } catch {
            return error.suggestion.map { "use \($0)" } ?? "no"
        }
    }

    @Test(
        "a data management URI is accepted, anything else is answered with the right one",
        arguments: [
            ("https://ingest-c.westeurope.kusto.windows.net", "https://ingest-c.westeurope.kusto.windows.net/v1/rest/mgmt"),
            ("https://ingest-c.westeurope.kusto.windows.net/", "https://ingest-c.westeurope.kusto.windows.net/v1/rest/mgmt"),
            ("HTTPS://Ingest-C.kusto.windows.net", "https://ingest-c.kusto.windows.net/v1/rest/mgmt"),
            ("https://ingest-c.kusto.windows.net:443/proxy/", "https://ingest-c.kusto.windows.net:443/proxy/v1/rest/mgmt"),
            ("https://private-ingest-c.kusto.windows.net", "https://private-ingest-c.kusto.windows.net/v1/rest/mgmt"),
            ("https://ingest-trd-1.z0.kusto.fabric.microsoft.com", "https://ingest-trd-1.z0.kusto.fabric.microsoft.com/v1/rest/mgmt"),
            // The engine's URI, with what else may stand in it.
            ("https://c.westeurope.kusto.windows.net", "use https://ingest-c.westeurope.kusto.windows.net"),
            ("https://c.kusto.windows.net/ingest-db", "use https://ingest-c.kusto.windows.net/ingest-db"),
            // Reserved hosts are taken as they are, with a port or without.
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/v1/rest/mgmt"),
            ("http://localhost:8080/", "http://localhost:8080/v1/rest/mgmt"),
            ("http://[::1]:8080", "http://[::1]:8080/v1/rest/mgmt"),
            ("https://10.1.2.3", "https://10.1.2.3/v1/rest/mgmt"),
            ("https://[fd00::1]:8443", "https://[fd00::1]:8443/v1/rest/mgmt"),
            ("https://onebox.dev.kusto.windows.net", "https://onebox.dev.kusto.windows.net/v1/rest/mgmt"),
            // Faults.
            ("ingest-c.kusto.windows.net", "use https://ingest-c.kusto.windows.net"),
            ("c.kusto.windows.net", "use https://ingest-c.kusto.windows.net"),
            ("http://ingest-c.kusto.windows.net", "use https://ingest-c.kusto.windows.net"),
            ("https://ingest-c.kusto.windows.net/v1/rest/mgmt", "use https://ingest-c.kusto.windows.net"),
            ("https://ingest-c.kusto.windows.net?sig=x", "use https://ingest-c.kusto.windows.net"),
            ("Data Source=https://ingest-c.kusto.windows.net;AppKey=x", "no"),
            ("https://", "no"), ("", "no"), ("ftp://ingest-c", "no"), ("https://user:pw@ingest-c", "no"),
        ])
    func rule(text: String, expected: String) {
        #expect(Self.result(text) == expected)
    }

    @Test("verbatim takes any https URL, and no unencrypted one")
    func verbatim() {
        #expect(Self.result("https://dm.example.com", isVerbatim: true) == "https://dm.example.com/v1/rest/mgmt")
        #expect(Self.result("http://dm.example.com", isVerbatim: true) == "use https://dm.example.com")
    }

    @Test("the engine's URL is the same without ingest-, the metadata's at the root")
    func derived() throws {
        let cluster = try IngestEndpoint(configured: "https://ingest-c.kusto.windows.net/proxy")
        #expect(cluster.engineURL?.revealed == "https://c.kusto.windows.net/proxy")
        #expect(cluster.metadataURL.revealed == "https://ingest-c.kusto.windows.net/v1/rest/auth/metadata")
        #expect(try IngestEndpoint(configured: "http://127.0.0.1:1").engineURL?.revealed == "http://127.0.0.1:1")
        #expect(try IngestEndpoint(configured: "https://dm.example.com", isVerbatim: true).engineURL == nil)
    }

    @Test("no complaint repeats a secret that was pasted")
    func complaintsAreClean() {
        for text in ["https://ingest-c?sig=hunter2", "Data Source=https://c;AppKey=hunter2", "https://u:hunter2@c"] {
            #expect(throws: IngestEndpointComplaint.self) { try IngestEndpoint(configured: text) }
            do { _ = try IngestEndpoint(configured: text) } catch { #expect(!"\(error)".contains("hunter2")) }
        }
    }
}
