import KustoEmulator
import Testing

@Suite struct TableTests {
    @Test("an inserted entity is there with its types, and a second insert of its keys is refused")
    func insert() async throws {
        try await Emulated.with { cloud async throws in
            let table = try TableCalls(cloud)
            let fields: [String: JSON] = [
                "Status": "Pending", "Count": 7, "Share": .number("0.5"), "Ok": true, "Big@odata.type": "Edm.Int64",
                "Big": "9007199254740993",
                "At@odata.type": "Edm.DateTime", "At": "2026-01-02T03:04:05Z", "Who@odata.type": "Edm.Guid",
                "Who": "AAAAAAAA-0000-4000-8000-000000000000", "Nothing": .null,
            ]
            let made = try table.insert("p", "r", fields)
            #expect(made.status == 201)
            #expect(made["ETag"]?.hasPrefix("W/\"datetime'") == true)
            #expect(made["Content-Type"] == "application/json;odata=nometadata;streaming=true;charset=utf-8")
            let bare = try table.get("p", "r")
            #expect(bare["Big"] == "9007199254740993")
            #expect(bare["Count"] == 7)
            #expect(bare["Who"] == "aaaaaaaa-0000-4000-8000-000000000000")
            #expect(bare["Nothing"] == nil)
            #expect(bare.members?.contains { $0.name.contains("odata") } == false)
            let told = try table.get("p", "r", [("Accept", "application/json;odata=minimalmetadata")])
            #expect(told["Who@odata.type"] == "Edm.Guid")
            #expect(told["Big@odata.type"] == "Edm.Int64")
            #expect(told["At@odata.type"] == "Edm.DateTime")
            #expect(told["Timestamp@odata.type"] == nil)
            #expect(told["odata.etag"]?.text == made["ETag"])
            let again = try table.insert("p", "r")
            #expect(again.status == 409)
            #expect(try table.code(again) == "EntityAlreadyExists")
            #expect(again["Content-Type"]?.hasPrefix("application/json;odata=minimalmetadata") == true)
            let silent = try table.insert("p", "s", [:], [("Prefer", "return-no-content")])
            #expect(silent.status == 204)
            #expect(silent.body.isEmpty)
            #expect(silent["Preference-Applied"] == "return-no-content")
        }
    }

    @Test(
        "an entity that cannot be kept is refused with the service's code",
        arguments: [
            (["PartitionKey": "p"], "PropertiesNeedValue"), (["PartitionKey": 1, "RowKey": "r"], "PropertiesNeedValue"),
            (["PartitionKey": "a/b", "RowKey": "r"], "OutOfRangeInput"),
            (["PartitionKey": "p", "RowKey": "r", "x": .string(String(repeating: "x", count: 32_769))], "PropertyValueTooLarge"),
            (["PartitionKey": "p", "RowKey": .string(String(repeating: "x", count: 513))], "KeyValueTooLarge"),
            (["PartitionKey": "p", "RowKey": "r", "x": ["no"]], "InvalidInput"),
            (["PartitionKey": "p", "RowKey": "r", "x": 4_294_967_296], "InvalidInput"),
            (["PartitionKey": "p", "RowKey": "r", "x@odata.type": "Edm.Guid", "x": "no guid"], "InvalidInput"),
            ("no object", "InvalidInput"),
        ] as [(JSON, String)])
    func refused(body: JSON, code: String) async throws {
        try await Emulated.with { cloud async throws in
            let table = try TableCalls(cloud)
            let reply = try table.call("POST", table.url, body)
            #expect(reply.status == 400)
            #expect(try table.code(reply) == code)
        }
    }

    @Test("a merge keeps what it does not name, a replacement does not, and an etag guards both")
    func updates() async throws {
        try await Emulated.with { cloud async throws in
            let table = try TableCalls(cloud)
            let url = table.entityURL("it's", "é 1")
            let first = try table.insert("it's", "é 1", ["a": 1, "b": 2])
            let merged = try table.call("MERGE", url, ["b": 3, "c": 4], [("If-Match", first["ETag"] ?? "")])
            #expect(merged.status == 204)
            #expect(merged["ETag"] != first["ETag"])
            #expect(try table.get("it's", "é 1")["a"] == 1)
            #expect(try table.get("it's", "é 1")["b"] == 3)
            let late = try table.call("PATCH", url, ["b": 9], [("If-Match", first["ETag"] ?? "")])
            #expect(late.status == 412)
            #expect(try table.code(late) == "UpdateConditionNotSatisfied")
            #expect(try table.call("POST", url, ["d": 5], [("X-HTTP-Method", "MERGE"), ("If-Match", "*")]).status == 204)
            #expect(try table.get("it's", "é 1")["d"] == 5)
            #expect(try table.call("PUT", url, ["e": 6], [("If-Match", "*")]).status == 204)
            #expect(try table.get("it's", "é 1")["a"] == nil)
            let missing = try table.call("MERGE", table.entityURL("no", "no"), ["a": 1], [("If-Match", "*")])
            #expect(missing.status == 404)
            #expect(try table.code(missing) == "ResourceNotFound")
            #expect(try table.call("MERGE", table.entityURL("no", "no"), ["a": 1]).status == 204)
            #expect(try table.call("DELETE", url).status == 400)
            #expect(try table.call("DELETE", url, nil, [("If-Match", "*")]).status == 204)
            #expect(try table.call("GET", url).status == 404)
        }
    }

    @Test(
        "a filter finds what it says",
        arguments: [
            ("PartitionKey eq 'p1'", ["a", "b"]), ("PartitionKey eq 'p1' and RowKey eq 'b'", ["b"]),
            ("PartitionKey ge 'p1' and PartitionKey lt 'p3'", ["a", "b", "c"]), ("PartitionKey gt 'p2'", ["d"]),
            ("RowKey le 'b'", ["a", "b"]),
            ("(PartitionKey eq 'p1' and RowKey eq 'a') or (PartitionKey eq 'p3' and RowKey eq 'd')", ["a", "d"]),
            ("not (n lt 3)", ["c", "d"]), ("n eq 2 or text eq 'it''s'", ["b", "d"]), ("n ne 1 and n lt 4", ["b", "c"]),
            ("at ge datetime'2026-01-03T00:00:00Z'", ["c", "d"]), ("n eq 'x'", []), ("absent eq 1", []), ("big eq 3000000000L", ["c"]),
        ])
    func filters(filter: String, found: [String]) async throws {
        try await Emulated.with { cloud async throws in
            let table = try TableCalls(cloud)
            for (index, place) in [("p1", "a"), ("p1", "b"), ("p2", "c"), ("p3", "d")].enumerated() {
                let more: [String: JSON] = [
                    "n": .number(String(index + 1)), "text": index == 3 ? "it's" : "no", "at@odata.type": "Edm.DateTime",
                    "at": .string("2026-01-0\(index + 1)T00:00:00Z"), "big@odata.type": "Edm.Int64",
                    "big": .string("\((index + 1) * 1_000_000_000)"),
                ]
                #expect(try table.insert(place.0, place.1, more).status == 201)
            }
            #expect(try table.rows(("$filter", filter)) == found)
        }
    }

    @Test(
        "a query that makes no sense is refused",
        arguments: [
            ("$filter", "PartitionKey eq"), ("$filter", "PartitionKey like 'x'"), ("$filter", "(n eq 1"), ("$filter", "n eq 1 n eq 2"),
            ("$filter", "n eq 'open"), ("$filter", Array(repeating: "n eq 1", count: 16).joined(separator: " or ")), ("$top", "0"),
            ("$top", "1001"), ("NextPartitionKey", "p"),
        ])
    func badQueries(name: String, value: String) async throws {
        try await Emulated.with { cloud async throws in
            let table = try TableCalls(cloud)
            let reply = try table.call("GET", table.queryURL([(name, value)]))
            #expect(reply.status == 400)
            #expect(try table.code(reply) == "InvalidInput")
        }
    }

    @Test("a long answer comes in pages that go on where the last one ended, a thousand entities at most")
    func pages() async throws {
        try await Emulated.with { cloud async throws in
            let table = try TableCalls(cloud)
            for number in 0..<1100 { try table.insert("p+\(number % 3)", "r\(1000 + number)") }
            var seen: [String] = []
            var sizes: [Int] = []
            var next: [(String, String)] = []
            repeat {
                let reply = try table.call("GET", table.queryURL([("$filter", "PartitionKey ge 'p+0'"), ("$select", "RowKey")] + next))
                let rows = try #require(try JSON.parse(reply.body)["value"]?.elements)
                #expect(rows.allSatisfy { $0.members?.map(\.name) == ["RowKey"] })
                seen += rows.compactMap { $0["RowKey"]?.text }
                sizes.append(rows.count)
                next = ["NextPartitionKey", "NextRowKey"].compactMap { name in reply["x-ms-continuation-\(name)"].map { (name, $0) } }
            } while !next.isEmpty
            #expect(sizes == [1000, 100])
            #expect(Set(seen).count == 1100)
            #expect(try table.rows(("$top", "2")).count == 2)
        }
    }

    @Test("a signature gives its rights and no others, and its refusal is XML")
    func rights() async throws {
        try await Emulated.with { cloud async throws in
            let table = try TableCalls(cloud)
            try table.insert("p", "r")
            let issuer = SignatureIssuer(account: "account1", key: cloud.emulator.accountKey("account1"), version: "2019-02-02")
            func query(_ permissions: String) -> String {
                issuer.query(
                    for: .table("IngestionsStatus"), permissions: permissions, starting: nil,
                    expiring: Moment(microseconds: 4_102_444_800_000_000),
                    protocols: nil)
            }
            func url(_ permissions: String) -> String { "/account1/ingestionsstatus(PartitionKey='p',RowKey='r')?\(query(permissions))" }
            #expect(try table.call("GET", url("r")).status == 200)
            #expect(try table.call("GET", "/account1/IngestionsStatus()?\(query("r"))").status == 200)
            let denied = try table.call("GET", url("aud"))
            #expect(denied.status == 403)
            #expect(denied.element("Code") == "AuthorizationPermissionMismatch")
            #expect(try table.call("MERGE", url("u"), ["a": 1], [("If-Match", "*")]).status == 204)
            #expect(try table.call("MERGE", url("u"), ["a": 1]).status == 403)
            #expect(try table.call("MERGE", url("au"), ["a": 1]).status == 204)
            #expect(try table.call("DELETE", url("rau"), nil, [("If-Match", "*")]).status == 403)
            #expect(try table.call("POST", "/account1/ingestionsstatus?\(query("r"))", ["PartitionKey": "x", "RowKey": "y"]).status == 403)
            #expect(try table.call("GET", "/account2/ingestionsstatus()?\(query("r"))").status == 403)
            cloud.emulator.expireSignatures()
            let old = try table.call("GET", table.queryURL([]))
            #expect(old.status == 403)
            #expect(old.element("AuthenticationErrorDetail")?.hasPrefix("Signature not valid in the specified time frame") == true)
        }
    }

    @Test("the refusal may be OData's JSON too")
    func plainRefusal() async throws {
        try await Emulated.with({ $0.writesTableAuthorizationErrorsAsJSON = true }) { cloud async throws in
            let table = try TableCalls(cloud)
            cloud.emulator.expireSignatures()
            let reply = try table.call("GET", table.queryURL([]))
            #expect(reply.status == 403)
            #expect(try table.code(reply) == "AuthenticationFailed")
        }
    }

    @Test("faults are aimed at the table service's operations, by one name or for all of them")
    func faults() async throws {
        try await Emulated.with { cloud async throws in
            let table = try TableCalls(cloud)
            let one = try FaultDocument.rules(#"[{"endpoint":"table.insert","when":{"first":1},"action":{"status":503}}]"#.utf8)
            let all = try FaultDocument.rules(#"[{"endpoint":"table","action":{"status":500}}]"#.utf8)
            #expect(all[0].endpoints == [.tableInsert, .tableGet, .tableQuery, .tableMerge, .tableReplace, .tableDelete, .tableOther])
            cloud.emulator.faults.add(one[0])
            #expect(try table.insert("p", "r").status == 503)
            #expect(try table.insert("p", "r").status == 201)
            cloud.emulator.faults.add(all[0])
            #expect(try table.call("GET", table.entityURL("p", "r")).status == 500)
            #expect(cloud.emulator.requests.count(.tableInsert) == 2)
        }
    }
}
