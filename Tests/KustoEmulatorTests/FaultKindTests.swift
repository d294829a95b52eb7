import KustoEmulator
import Testing

/// Every kind of fault that a plan can name, seen on the wire.
@Suite struct FaultKindTests {
    private static func add(_ text: String, to cloud: Emulated) throws {
        let reply = try cloud.request("POST", "/__emulator/faults", [], Array(text.utf8))
        try #require(reply.status == 200, "\(reply.text)")
    }

    @Test(
        "an error that is known by name has its status, its code and its text",
        arguments: [
            ("AuthenticationFailed.expired", 403, "AuthenticationFailed", "Signature not valid in the specified time frame"),
            ("AuthenticationFailed.signature", 403, "AuthenticationFailed", "Signature did not match"),
            ("AuthenticationFailed.malformed", 403, "AuthenticationFailed", "not well formed"),
            ("AuthorizationFailure", 403, "AuthorizationFailure", "not authorized"),
            ("AuthorizationPermissionMismatch", 403, "AuthorizationPermissionMismatch", "using this permission"),
            ("AuthorizationProtocolMismatch", 403, "AuthorizationProtocolMismatch", "using this protocol"),
            ("AuthorizationSourceIPMismatch", 403, "AuthorizationSourceIPMismatch", "using this source IP"),
            ("AccountIsDisabled", 403, "AccountIsDisabled", "disabled"), ("ContainerNotFound", 404, "ContainerNotFound", "does not exist"),
            ("QueueNotFound", 404, "QueueNotFound", "does not exist"),
            ("ContainerBeingDeleted", 409, "ContainerBeingDeleted", "being deleted"),
            ("QueueBeingDeleted", 409, "QueueBeingDeleted", "being deleted"),
            ("BlobAlreadyExists", 409, "BlobAlreadyExists", "already exists"),
            ("PublicAccessNotPermitted", 409, "PublicAccessNotPermitted", "not permitted"),
            ("ConditionNotMet", 412, "ConditionNotMet", "not met"),
            ("LeaseIdMissing", 412, "LeaseIdMissing", "lease"), ("InternalError", 500, "InternalError", "internal error"),
            ("OperationTimedOut", 500, "OperationTimedOut", "permitted time"), ("ServerBusy", 503, "ServerBusy", "unable to receive"),
            ("TooManyRequests", 429, "TooManyRequests", "Too many"),
            ("NoAuthenticationInformation", 401, "NoAuthenticationInformation", "authenticate"),
        ])
    func storage(name: String, status: Int, code: String, text: String) async throws {
        try await Emulated.with { cloud async throws in
            try Self.add(#"[{"endpoint":"blob.put","action":{"error":"\#(name)"}}]"#, to: cloud)
            let reply = try cloud.put(Emulated.url(try cloud.container(), "x"), [1])
            #expect(reply.status == status)
            #expect(reply["x-ms-error-code"] == code)
            #expect(reply.text.contains(text))
            #expect(cloud.emulator.blobCount == 0)
            #expect(cloud.emulator.faults.totalFired == 1)
        }
    }

    @Test("the services' other errors are known too, and a gateway's", arguments: FaultReply.known.keys.sorted())
    func named(name: String) async throws {
        try await Emulated.with { cloud async throws in
            try Self.add(#"{"endpoint":"*","when":{"first":1},"action":{"error":"\#(name)","headers":{"Retry-After":"3"}}}"#, to: cloud)
            let reply = try cloud.manage(".show version")
            #expect(reply.status == FaultReply.known[name]?.status)
            #expect(reply["Retry-After"] == "3")
            if name.hasPrefix("Kusto."), reply.status != 401 { #expect(try JSON.parse(reply.body)["error"]?["@permanent"]?.flag != nil) }
        }
    }

    @Test("a table's error by name is OData's")
    func table() async throws {
        try await Emulated.with { cloud async throws in
            try Self.add(#"[{"endpoint":"table.insert","action":{"error":"ServerBusy"}}]"#, to: cloud)
            let table = try TableCalls(cloud)
            #expect(try table.code(try table.insert("p", "r")) == "ServerBusy")
        }
    }

    @Test("a wrong length is announced: what is too much never comes, and what is too little runs over")
    func lengths() async throws {
        try await Emulated.with { cloud async throws in
            let whole = try cloud.request("GET", "/v1/rest/auth/metadata").body
            try Self.add(#"[{"endpoint":"metadata","when":{"first":1},"action":{"misstate-length":-5}}]"#, to: cloud)
            let connection = try TestConnection(port: cloud.emulator.port)
            let short = try connection.request("GET", "/v1/rest/auth/metadata")
            #expect(short.body == Array(whole.dropLast(5)))
            #expect(short["Content-Length"] == String(whole.count - 5))
            try Self.add(#"[{"endpoint":"metadata","when":{"first":1},"action":{"misstate-length":5}}]"#, to: cloud)
            let other = try TestConnection(port: cloud.emulator.port, patience: 1)
            #expect(throws: TestConnection.Failure.timedOut) { try other.request("GET", "/v1/rest/auth/metadata") }
        }
    }

    @Test("a reply that was really given is spoilt in the way that was asked for", arguments: ReplyAlteration.allCases)
    func altered(alteration: ReplyAlteration) async throws {
        try await Emulated.with { cloud async throws in
            let url = Emulated.url(try cloud.ingestionQueue(), "messages")
            try Self.add(#"[{"endpoint":["queue.put","metadata"],"action":"\#(alteration.rawValue)"}]"#, to: cloud)
            cloud.emulator.pauseIngestion()
            let xml = try cloud.request("POST", url, [], Array("<QueueMessage><MessageText>x</MessageText></QueueMessage>".utf8))
            #expect(xml.status == 201)
            #expect(!xml.isCutShort)
            #expect(cloud.emulator.waitingMessageCount == 1)
            let json = try cloud.request("GET", "/v1/rest/auth/metadata")
            switch alteration {
            case .malformed:
                #expect(!xml.text.contains("</QueueMessagesList>"))
                #expect(JSON(parsing: json.body) == nil)
            case .html: #expect(json.text.hasPrefix("<!DOCTYPE html>") && json["Content-Type"] == "text/html")
            case .byteOrderMark: #expect(json.body.starts(with: [0xEF, 0xBB, 0xBF, UInt8(ascii: "{")]))
            case .emptied: #expect(json.body.isEmpty && xml.body.isEmpty)
            case .binary: #expect(json.body.contains(128) && JSON(parsing: json.body) == nil)
            case .wrongType: #expect(json["Content-Type"] == "application/octet-stream" && JSON(parsing: json.body) != nil)
            }
        }
    }

    @Test("the verdict comes before the post's own reply")
    func verdictFirst() async throws {
        try await Emulated.with { cloud async throws in
            try Self.add(#"[{"endpoint":"queue.put","action":"verdict-first"}]"#, to: cloud)
            let blob = Emulated.url(try cloud.container(), "x.csv")
            try cloud.put(blob, Array("1\n".utf8))
            try cloud.post(try cloud.message(id: "early", blob: blob, size: 2))
            // The post has only now been answered.
            #expect(cloud.emulator.outcomeCount == 1)
            #expect(cloud.emulator.waitingNotifications.count == 1)
            #expect(try cloud.post("not base64", to: cloud.ingestionQueue()).status == 201)
        }
    }

    @Test("from the nth on, and counted")
    func from() async throws {
        try await Emulated.with { cloud async throws in
            try Self.add(#"[{"endpoint":"metadata","when":{"from":3},"action":{"error":"ServerBusy"}}]"#, to: cloud)
            #expect(try (0..<5).map { _ in try cloud.request("GET", "/v1/rest/auth/metadata").status } == [200, 200, 503, 503, 503])
        }
    }

    @Test(
        "an unknown name of anything is refused with what there is",
        arguments: [
            #"[{"action":{"error":"NoSuchError"}}]"#, #"[{"action":"explode"}]"#, #"[{"notification":"maybe","action":"lose"}]"#,
            #"[{"notification":"any","method":"post","action":"lose"}]"#, #"[{"notification":"any","action":"reset-before"}]"#,
            #"[{"action":{"change":"nothing"}}]"#, #"[{"action":{"change":{"remove":{"account":"a","from":"above"}}}}]"#,
            #"[{"action":{"change":{"settings":{"unheard":1}}}}]"#, #"[{"action":{"change":{"add":{}}}}]"#,
        ])
    func refused(plan: String) {
        #expect(throws: (any Error).self) { try FaultDocument.read(plan.utf8) }
    }
}
