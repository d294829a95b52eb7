import KustoEmulator
import Testing

@Suite struct AuthorizationTests {
    @Test("without a SAS storage answers 401 NoAuthenticationInformation")
    func anonymous() async throws {
        try await Emulated.with { cloud async throws in
            let reply = try cloud.put(String(cloud.container().prefix { $0 != "?" }) + "/x", [1])
            #expect(reply.status == 401)
            #expect(reply["x-ms-error-code"] == "NoAuthenticationInformation")
        }
    }

    @Test("an expired SAS is 403 AuthenticationFailed with the time frame in its detail, in XML with a byte order mark")
    func expired() async throws {
        try await Emulated.with({ $0.containerSASLifetime = .seconds(3600) }) { cloud async throws in
            let url = Emulated.url(try cloud.container(), "x")
            #expect(try cloud.put(url, [1]).status == 201)
            cloud.emulator.clock.advance(by: .seconds(3601))
            let reply = try cloud.put(url, [1])
            #expect(reply.status == 403)
            #expect(reply["x-ms-error-code"] == "AuthenticationFailed")
            #expect(reply.body.starts(with: [0xEF, 0xBB, 0xBF]))
            #expect(reply.element("Code") == "AuthenticationFailed")
            #expect(
                reply.element("AuthenticationErrorDetail")?.hasPrefix("Signature not valid in the specified time frame: Start [") == true)
            #expect(try cloud.put(Emulated.url(cloud.container(), "x"), [1]).status == 201)
        }
    }

    @Test("signatures that are made to expire read as expired, and new ones work")
    func expiredOnRequest() async throws {
        try await Emulated.with { cloud async throws in
            let url = Emulated.url(try cloud.container(), "x")
            cloud.emulator.expireSignatures()
            #expect(try cloud.put(url, [1]).element("AuthenticationErrorDetail")?.contains("time frame") == true)
            let fresh = Emulated.url(try cloud.container(), "x")
            #expect(try cloud.put(fresh, [1]).status == 201)
            cloud.emulator.rotateKey(of: "account1")
            #expect(try cloud.put(fresh, [1]).element("AuthenticationErrorDetail")?.hasPrefix("Signature did not match") == true)
        }
    }

    @Test("a SAS that has not begun yet is refused like an expired one")
    func early() async throws {
        try await Emulated.with { cloud async throws in
            let url = Emulated.url(try cloud.container(), "x")
            cloud.emulator.clock.advance(by: .seconds(-7200))
            #expect(try cloud.put(url, [1]).element("AuthenticationErrorDetail")?.contains("time frame") == true)
        }
    }

    @Test(
        "a mangled signature is 403 AuthenticationFailed",
        arguments: [("sig=", "sig=AA"), ("%3D", "%253D"), ("sp=rw", "sp=rwd"), ("se=20", "se=21")])
    func mangled(from: String, to: String) async throws {
        try await Emulated.with { cloud async throws in
            let url = Emulated.url(try cloud.container(), "x").replacing(from, with: to)
            let reply = try cloud.put(url, [1])
            #expect(reply.status == 403)
            #expect(reply["x-ms-error-code"] == "AuthenticationFailed")
        }
    }

    @Test("a right that the SAS lacks is 403 AuthorizationPermissionMismatch")
    func permissions() async throws {
        try await Emulated.with({ $0.containerPermissions = "c" }) { cloud async throws in
            let url = Emulated.url(try cloud.container(), "x")
            #expect(try cloud.put(url, [1]).status == 201)
            // Create alone covers a new blob and not an old one.
            #expect(try cloud.put(url, [1])["x-ms-error-code"] == "AuthorizationPermissionMismatch")
            #expect(try cloud.request("HEAD", url)["x-ms-error-code"] == "AuthorizationPermissionMismatch")
            #expect(try cloud.request("DELETE", url)["x-ms-error-code"] == "AuthorizationPermissionMismatch")
            let queue = try cloud.ingestionQueue()
            #expect(try cloud.request("GET", Emulated.url(queue, "messages"))["x-ms-error-code"] == "AuthorizationPermissionMismatch")
        }
    }

    @Test("a container SAS does not cover the container itself")
    func containerItself() async throws {
        try await Emulated.with { cloud async throws in
            let reply = try cloud.request("PUT", try cloud.container() + "&restype=container", [], [])
            #expect(reply["x-ms-error-code"] == "AuthorizationFailure" || reply["x-ms-error-code"] == "AuthorizationPermissionMismatch")
        }
    }

    @Test("protocol and address of a SAS are enforced")
    func guards() async throws {
        try await Emulated.with { cloud async throws in
            let issuer = SignatureIssuer(account: "account1", key: cloud.emulator.accountKey("account1"), version: "2024-11-04")
            let until = Moment(microseconds: cloud.emulator.clock.now.microseconds + 3_600_000_000)
            func reply(protocols: String?) throws -> TestReply {
                let query = issuer.query(
                    for: .container("20260101-ingestdata-0"), permissions: "rw", starting: nil, expiring: until, protocols: protocols)
                return try cloud.put("/account1/20260101-ingestdata-0/x?\(query)", [1])
            }
            #expect(try reply(protocols: nil).status == 201)
            #expect(try reply(protocols: "https")["x-ms-error-code"] == "AuthorizationProtocolMismatch")
            for (range, code) in [("127.0.0.1", nil), ("127.0.0.0-127.0.0.9", nil), ("10.0.0.1", "AuthorizationSourceIPMismatch")] {
                var parameters = ["sv": "2024-11-04", "sp": "rw", "se": "2099-01-01", "sr": "c", "sip": range]
                let text = SignatureLayout.service(
                    account: "account1", resource: .container("20260101-ingestdata-0"), parameters: parameters)
                parameters["sig"] = SignatureLayout.sign(text, key: cloud.emulator.accountKey("account1"))
                    .replacing("+", with: "%2B").replacing("=", with: "%3D")
                let query = parameters.map { "\($0.key)=\($0.value)" }.joined(separator: "&")
                #expect(try cloud.put("/account1/20260101-ingestdata-0/x?\(query)", [1])["x-ms-error-code"] == code)
            }
        }
    }

    @Test("names that do not exist are 404 with the code of their kind")
    func missing() async throws {
        try await Emulated.with { cloud async throws in
            let issuer = SignatureIssuer(account: "account1", key: cloud.emulator.accountKey("account1"), version: "2024-11-04")
            let until = Moment(microseconds: cloud.emulator.clock.now.microseconds + 3_600_000_000)
            func query(_ resource: SignatureLayout.Resource) -> String {
                issuer.query(for: resource, permissions: "raupwd", starting: nil, expiring: until, protocols: nil)
            }
            #expect(try cloud.put("/account1/nowhere/x?\(query(.container("nowhere")))", [1])["x-ms-error-code"] == "ContainerNotFound")
            #expect(try cloud.request("GET", "/account1/none/messages?\(query(.queue("none")))")["x-ms-error-code"] == "QueueNotFound")
            let blob = try cloud.request("HEAD", Emulated.url(cloud.container(), "x"))
            #expect(blob.status == 404)
            #expect(blob["x-ms-error-code"] == "BlobNotFound")
            cloud.emulator.destroyAccount("account2")
            #expect(try cloud.put("/account2/c/x?sv=2024-11-04&sig=x", [1]).status == 404)
        }
    }

    @Test("every storage reply echoes the client's request id and carries date, version and a request id")
    func dressing() async throws {
        try await Emulated.with { cloud async throws in
            let reply = try cloud.put(
                Emulated.url(cloud.container(), "x"), [1], [("x-ms-client-request-id", "mine"), ("x-ms-version", "2021-08-06")])
            #expect(reply["x-ms-client-request-id"] == "mine")
            #expect(reply["x-ms-version"] == "2021-08-06")
            #expect(reply["x-ms-request-id"]?.count == 36)
            #expect(reply["Date"]?.hasSuffix(" GMT") == true)
        }
    }
}
