import KustoEmulator
import Testing

@Suite struct ManagementTests {
    @Test("every kind of resource is listed, for every account, and its signature says when it ends")
    func resources() async throws {
        try await Emulated.with({ $0.accounts = 3 }) { cloud async throws in
            #expect(try cloud.resources("TempStorage").count == 6)
            #expect(try cloud.resources("SecuredReadyForAggregationQueue").count == 6)
            #expect(try cloud.resources("FailedIngestionsQueue").count == 1)
            #expect(try cloud.resources("SuccessfulIngestionsQueue").count == 1)
            #expect(try cloud.resources("IngestionsStatusTable").count == 1)
            for url in try cloud.resources("TempStorage") {
                #expect(url.hasPrefix("http://127.0.0.1:\(cloud.emulator.port)/account"))
                #expect(url.contains("se=") && url.contains("sr=c") && url.contains("sp=rw"))
            }
            cloud.emulator.dropAccount("account2")
            #expect(try cloud.resources("TempStorage").filter { $0.contains("account2") }.isEmpty)
            cloud.emulator.addAccount("account9")
            #expect(try cloud.put(Emulated.url(cloud.resources("TempStorage").last ?? "", "x"), [1]).status == 201)
        }
    }

    @Test("rotated notification queues have new names, and the old ones stay readable")
    func rotation() async throws {
        try await Emulated.with { cloud async throws in
            let old = try cloud.failureQueue()
            cloud.emulator.injectNotification(["Id": "1"], isFailure: true)
            cloud.emulator.rotateNotificationQueues()
            let new = try cloud.failureQueue()
            #expect(old.prefix { $0 != "?" } != new.prefix { $0 != "?" })
            #expect(try cloud.request("GET", Emulated.url(old, "messages")).elements("MessageText").count == 1)
            #expect(try cloud.request("GET", Emulated.url(new, "messages")).elements("MessageText").isEmpty)
        }
    }

    @Test(
        "the engine refuses the command and names the right endpoint", arguments: [".get ingestion resources", ".get kusto identity token"])
    func engine(command: String) async throws {
        try await Emulated.with { cloud async throws in
            let reply = try cloud.manage(command, onEngine: true)
            #expect(reply.status == 400)
            let error = try #require(try JSON.parse(reply.body)["error"])
            #expect(error["@type"]?.text == "Kusto.Common.Svc.Exceptions.AdminCommandWrongEndpointException")
            #expect(error["@permanent"] == false)
            #expect(error["@message"]?.text?.contains(cloud.emulator.ingestURI) == true)
        }
    }

    @Test("another command is a permanent error of Kusto's own form")
    func otherCommand() async throws {
        try await Emulated.with { cloud async throws in
            let reply = try cloud.manage(".drop table T")
            #expect(reply.status == 400)
            let error = try #require(try JSON.parse(reply.body)["error"])
            #expect(error["@permanent"] == true)
            #expect(error["@message"]?.text?.contains(".drop table T") == true)
            #expect(error["@context"]?["activityId"]?.text?.count == 36)
        }
    }

    @Test("the browser's flags are taken, and the version tells data management from engine")
    func variants() async throws {
        try await Emulated.with { cloud async throws in
            #expect(try cloud.manage(".get ingestion resources with (EnableBlobCors='true')").status == 200)
            #expect(try cloud.manage(".show version").text.contains("DataManagement"))
            #expect(try cloud.manage(".show version", onEngine: true).text.contains("Engine"))
        }
    }

    @Test("a bearer that is missing, unknown, expired or revoked is 401")
    func bearers() async throws {
        try await Emulated.with { cloud async throws in
            #expect(try cloud.request("POST", "/v1/rest/mgmt", [], Array("{\"csl\":\".show version\"}".utf8)).status == 401)
            #expect(try cloud.manage(".show version", token: "nonsense").status == 401)
            let token = try Self.token(cloud)
            #expect(try cloud.manage(".show version", token: token).status == 200)
            cloud.emulator.clock.advance(by: .seconds(3600))
            #expect(try cloud.manage(".show version", token: token).status == 401)
            let second = try Self.token(cloud)
            cloud.emulator.revokeBearerTokens()
            let refused = try cloud.manage(".show version", token: second)
            #expect(refused.status == 401)
            #expect(refused["WWW-Authenticate"]?.hasPrefix("Bearer ") == true)
        }
    }

    private static func token(_ cloud: Emulated) throws -> String {
        let configuration = cloud.emulator.configuration
        let form =
            "grant_type=client_credentials&client_id=\(configuration.clientID)&client_secret=\(configuration.clientSecret)"
            + "&scope=https%3A%2F%2Fkusto.kusto.windows.net%2F.default"
        let reply = try cloud.request("POST", "/\(configuration.tenant)/oauth2/v2.0/token", [], Array(form.utf8))
        return try #require(try JSON.parse(reply.body)["access_token"]?.text)
    }

    @Test(
        "what is wrong with a token request has Entra's code",
        arguments: [
            ("emulator", "client_secret=wrong&scope=a%2F.default", 401, 7_000_215, "invalid_client"),
            ("emulator", "client_secret=emulator-secret&scope=a", 400, 70_011, "invalid_scope"),
            ("elsewhere", "client_secret=emulator-secret&scope=a%2F.default", 400, 90_002, "invalid_request"),
        ])
    func tokenErrors(tenant: String, form: String, status: Int, code: Int, error: String) async throws {
        try await Emulated.with { cloud async throws in
            let body = "grant_type=client_credentials&client_id=\(cloud.emulator.configuration.clientID)&\(form)"
            let reply = try cloud.request("POST", "/\(tenant)/oauth2/v2.0/token", [], Array(body.utf8))
            #expect(reply.status == status)
            let json = try JSON.parse(reply.body)
            #expect(json["error"]?.text == error)
            #expect(json["error_codes"]?.elements?.first?.integer == code)
            #expect(json["error_description"]?.text?.hasPrefix("AADSTS\(code): ") == true)
        }
    }

    @Test("the metadata points to the emulator's own login endpoint, for anybody")
    func metadata() async throws {
        try await Emulated.with { cloud async throws in
            let reply = try cloud.request("GET", "/v1/rest/auth/metadata")
            #expect(try JSON.parse(reply.body)["AzureAD"]?["LoginEndpoint"]?.text == cloud.emulator.ingestURI)
            #expect(
                try cloud.request("GET", "/emulator/v2.0/.well-known/openid-configuration").text.contains("/emulator/oauth2/v2.0/token"))
            #expect(try cloud.request("GET", "/common/discovery/instance?api-version=1.1").text.contains("tenant_discovery_endpoint"))
        }
    }

    @Test("a query gives back a table, its count, or a part of it, in both versions of the reply")
    func queries() async throws {
        try await Emulated.with { cloud async throws in
            try await cloud.ingest(Array("1,a\n2,b\n3,c\n".utf8), name: "x.csv", table: "T 1")
            for (version, query, rows) in [
                (1, "['T 1']", 3), (2, "[\"T 1\"]\n| take 2", 2), (2, "['T 1'] | limit 1;", 1), (1, "['T 1']|count", 1),
            ] {
                let body: JSON = ["db": "db", "csl": .string(query)]
                let reply = try cloud.request(
                    "POST", "/v\(version)/rest/query", [("Authorization", "Bearer emulator-token")], body.encodedBytes)
                #expect(reply.status == 200)
                let json = try JSON.parse(reply.body)
                let table =
                    version == 1 ? json["Tables"]?.elements?.first : json.elements?.first { $0["TableKind"]?.text == "PrimaryResult" }
                #expect(table?["Rows"]?.elements?.count == rows)
            }
            let body: JSON = ["db": "db", "csl": "Nothing"]
            #expect(
                try cloud.request("POST", "/v2/rest/query", [("Authorization", "Bearer emulator-token")], body.encodedBytes).status == 400)
        }
    }
}
