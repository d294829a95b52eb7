import KustoWire
import SpoolPrimitives
import Testing

@Suite struct ManagementRequestTests {
    @Test("the body is that of the documentation's example")
    func body() {
        // Reference: kusto-queued-ingestion §1.2, the first sample.
        #expect(
            String(decoding: ManagementRequest.ingestionResources.body, as: UTF8.self)
                == #"{"db":"NetDefaultDB","csl":".get ingestion resources"}"#)
    }

    @Test("options travel as JSON text in a string")
    func options() throws {
        let request = ManagementRequest(
            ".show version", options: ["servertimeout": .string("00:01:00"), "truncationmaxrecords": .number("5")])
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == #"{"db":"NetDefaultDB","csl":".show version","properties":"{\"Options\":{\"servertimeout\":\"00:01:00\",\"truncationmaxrecords\":5}}"}"#
        )
    }

    @Test("the headers are those of the SDKs, in printable ASCII")
    func headers() {
        let client = ClientIdentity(application: "kusto-spool/Zürich\n", version: "1.0 {beta}|x")
        let headers = ManagementRequest.headers(requestID: ManagementRequest.requestID(.seeded(1)), client: client)
        #expect(
            headers.map { "\($0.name): \($0.value)" } == [
                "Accept: application/json",
                "Content-Type: application/json; charset=utf-8",
                "x-ms-version: 2024-12-12",
                "x-ms-client-request-id: \(ManagementRequest.requestID(.seeded(1)))",
                "x-ms-app: kusto-spool/Z?rich?",
                "x-ms-client-version: KustoSpool:{1.0_beta_x}",
            ])
    }

    @Test("each request has an id of its own, a prefix and a random UUID in lower case")
    func requestIDs() throws {
        let random = RandomSource.seeded(7)
        let ids = Set((0..<100).map { _ in ManagementRequest.requestID(random) })
        #expect(ids.count == 100)
        for id in ids {
            #expect(id.wholeMatch(of: #/KSP\.execute;[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/#) != nil)
        }
    }
}
