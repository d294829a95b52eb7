package import SpoolPrimitives

/// A management command as it is posted to `/v1/rest/mgmt`.
///
/// Source: the REST page "Query/management HTTP request" (reference: kusto-queued-ingestion §1.2, §1.3).
package struct ManagementRequest: Sendable, Hashable {
    /// The command's text, beginning with a dot.
    package var command: String
    /// The ingestion commands need none, but every SDK names this one.
    package var database: String
    /// Request options by name, such as `servertimeout`.
    package var options: [String: JSONValue]

    package init(_ command: String, database: String = "NetDefaultDB", options: [String: JSONValue] = [:]) {
        self.command = command
        self.database = database
        self.options = options
    }

    /// The resources to ingest with: containers, queues, the status table (§1.5).
    package static let ingestionResources = ManagementRequest(".get ingestion resources")
    /// The token that goes into every ingestion message (§1.6).
    package static let identityToken = ManagementRequest(".get kusto identity token")
    /// Which of the two services this is (§1.7).
    package static let version = ManagementRequest(".show version")

    /// The body, UTF-8 JSON. Options travel as JSON text in a string, the documentation's first form and that of the Python and Java SDKs.
    package var body: [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.field("db", database)
            writer.field("csl", command)
            if !options.isEmpty {
                var inner = JSONWriter()
                inner.object { inner in
                    inner.key("Options")
                    inner.object { inner in
                        for (name, value) in options.sorted(by: { $0.key < $1.key }) {
                            inner.key(name)
                            inner.value(value)
                        }
                    }
                }
                writer.field("properties", String(decoding: inner.bytes, as: UTF8.self))
            }
        }
        return writer.bytes
    }

    /// Every header but `Authorization`, which is the caller's secret, and what the transport sets itself.
    ///
    /// - Parameter requestID: of ``requestID(_:)``.
    package static func headers(requestID: String, client: ClientIdentity) -> [(name: String, value: String)] {
        [
            ("Accept", "application/json"),
            ("Content-Type", "application/json; charset=utf-8"),
            ("x-ms-version", apiVersion),
            ("x-ms-client-request-id", requestID),
            ("x-ms-app", client.application),
            ("x-ms-client-version", client.clientVersion),
        ]
    }

    /// A new `x-ms-client-request-id`: `KSP.execute;<uuid>`, after the SDKs' `KPC.execute`, `KGC.execute`.
    package static func requestID(_ random: RandomSource) -> String { "KSP.execute;\(random.uuid())" }

    /// The version of Kusto's API, which is not that of the storage services.
    package static let apiVersion = "2024-12-12"
}
