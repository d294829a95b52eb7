import KustoWire
import SpoolPrimitives
import Testing

@Suite struct OneApiErrorTests {
    private static func decode(_ text: String) -> OneApiError { OneApiError(decoding: Array(text.utf8)) }

    @Test("every field of the service's error is read, and @message is the human text")
    func serviceForm() {
        // Reference: kusto-queued-ingestion §1.9.
        let error = Self.decode(
            #"""
            {"error":{"code":"BadRequest","message":"Request is invalid and cannot be executed.",
             "@type":"Kusto.Common.Svc.Exceptions.SomeException","@message":"human\ndetail at https://a/b?sig=hunter2","@failureCode":400,
             "@context":{"timestamp":"2021-10-12T06:05:35.6602087Z","serviceAlias":"X","clientRequestId":"KSP.execute;1","activityId":"guid",
               "activityStack":"(…)"},
             "@permanent":false}}
            """#)
        #expect(error.form == .service)
        #expect(error.code == "BadRequest")
        #expect(error.message == "human detail at https://a/b?<redacted>")
        #expect(error.type == "Kusto.Common.Svc.Exceptions.SomeException")
        #expect(error.permanent == false)
        #expect(error.failureCode == 400)
        #expect(error.activityID == "guid")
        #expect(error.clientRequestID == "KSP.execute;1")
        #expect(error.timestamp == Timestamp(iso8601: "2021-10-12T06:05:35.660208Z"))
        #expect(error.summary == "BadRequest: human detail at https://a/b?<redacted>")
    }

    @Test(
        "every other form of body has a summary, and says nothing of permanence that it does not know",
        arguments: [
            (#"{"message":"Too busy"}"#, OneApiError.Form.gateway, "Too busy"),
            (#"{"code":"X","message":"Too busy"}"#, .gateway, "X: Too busy"),
            (#"{"error":"invalid_request"}"#, .gateway, "invalid_request"),
            (#"{"error":{"code":"LimitsExceeded"}}"#, .service, "LimitsExceeded"),
            (#"{"error":{}}"#, .service, "no text"),
            (#"{"other":1}"#, .text, #"{"other":1}"#),
            (#""just text""#, .text, "just text"),
            ("<html><body>502 Bad Gateway</body></html>", .text, "<html><body>502 Bad Gateway</body></html>"),
            ("Service Unavailable", .text, "Service Unavailable"),
            (" \r\n", .empty, "no text"), ("", .empty, "no text"),
        ])
    func otherForms(text: String, form: OneApiError.Form, summary: String) {
        let error = Self.decode(text)
        #expect(error.form == form)
        #expect(error.summary == summary)
        #expect(error.permanent == nil)
    }

    @Test("the wrong endpoint is known by its exception, and the right one read out of its text")
    func wrongEndpoint() {
        // The text is made after the reference's description (§1.1), not captured.
        let error = Self.decode(
            #"""
            {"error":{"code":"BadRequest_AdminCommandWrongEndpoint","message":"Request is invalid.",
             "@type":"Kusto.Common.Svc.Exceptions.AdminCommandWrongEndpointException",
             "@message":"Cannot get ingestion resources from this service endpoint. The appropriate endpoint is most likely 'https://ingest-c.westeurope.kusto.windows.net/'.",
             "@permanent":false}}
            """#)
        #expect(error.isWrongEndpoint)
        #expect(error.namedEndpoint == "https://ingest-c.westeurope.kusto.windows.net")
    }
}
