import KustoEmulator
import Testing

/// The vectors were made by the official SDKs, for the public development account and key.
@Suite struct SignatureTests {
    private static let key =
        Digests.bytes(base64: "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==") ?? []
    private static let end = "2036-01-01T00:00:00Z"

    struct Vector: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let resource: SignatureLayout.Resource
        let parameters: [String: String]
        let text: String
        let signature: String
    }

    static let vectors = [
        Vector(
            testDescription: "container with start and protocol", resource: .container("c1"),
            parameters: ["sp": "rw", "st": "2026-01-01T00:00:00Z", "se": end, "spr": "https", "sv": "2024-11-04", "sr": "c"],
            text: "rw\n2026-01-01T00:00:00Z\n\(end)\n/blob/devstoreaccount1/c1\n\n\nhttps\n2024-11-04\nc\n\n\n\n\n\n\n",
            signature: "ltHH7ZYoS8oLKMV3ohE4Z+N3y191YKYwZCWkfMRz03U="),
        Vector(
            testDescription: "container with the least", resource: .container("c1"),
            parameters: ["sp": "w", "se": end, "sv": "2024-11-04", "sr": "c"],
            text: "w\n\n\(end)\n/blob/devstoreaccount1/c1\n\n\n\n2024-11-04\nc\n\n\n\n\n\n\n",
            signature: "7lTqewtMwgfgPXu2qUS4o5q2AqaoWIl+q/cVlzNAdAs="),
        Vector(
            testDescription: "blob whose name needs encoding", resource: .blob(container: "c1", name: "d/é x.csv"),
            parameters: ["sp": "cw", "se": end, "sv": "2024-11-04", "sr": "b"],
            text: "cw\n\n\(end)\n/blob/devstoreaccount1/c1/d/é x.csv\n\n\n\n2024-11-04\nb\n\n\n\n\n\n\n",
            signature: "fS4ODz4fLHXkexETFsznNGTZZN4Db50cxxfk0t63PAc="),
        Vector(
            testDescription: "queue for adding", resource: .queue("q1"),
            parameters: ["sp": "a", "st": "2026-01-01T00:00:00Z", "se": end, "spr": "https", "sv": "2024-11-04"],
            text: "a\n2026-01-01T00:00:00Z\n\(end)\n/queue/devstoreaccount1/q1\n\n\nhttps\n2024-11-04",
            signature: "D9G9EdEBzKzS9j0cH1l+TyX/N8roRklveBtk6CVcurQ="),
        Vector(
            testDescription: "queue for everything", resource: .queue("q1"), parameters: ["sp": "raup", "se": end, "sv": "2024-11-04"],
            text: "raup\n\n\(end)\n/queue/devstoreaccount1/q1\n\n\n\n2024-11-04",
            signature: "NApuAJyB42MqkBXla6z38JNpv+Du6EgNFN1qjdc7wFM="),
        Vector(
            testDescription: "table, whose name is signed in lower case", resource: .table("StatusTbl"),
            parameters: ["sp": "raud", "se": end, "sv": "2019-02-02", "tn": "StatusTbl"],
            text: "raud\n\n\(end)\n/table/devstoreaccount1/statustbl\n\n\n\n2019-02-02\n\n\n\n",
            signature: "h+fRJMJjK5F+kg8qKnhdZq36OJm7y/olrGC7NOeJMu0="),
    ]

    @Test("a service SAS signs what the official SDKs sign", arguments: vectors)
    func service(vector: Vector) {
        let text = SignatureLayout.service(account: "devstoreaccount1", resource: vector.resource, parameters: vector.parameters)
        #expect(text == vector.text)
        #expect(SignatureLayout.sign(text, key: Self.key) == vector.signature)
    }

    @Test("an account SAS signs what the official SDKs sign")
    func account() {
        let parameters = ["se": Self.end, "sp": "rwdlacup", "spr": "https", "sv": "2026-10-06", "ss": "bqt", "srt": "co"]
        let text = SignatureLayout.account("devstoreaccount1", parameters: parameters)
        #expect(text == "devstoreaccount1\nrwdlacup\nbqt\nco\n\n\(Self.end)\n\nhttps\n2026-10-06\n\n")
        #expect(SignatureLayout.sign(text, key: Self.key) == "zAS8cUCHB/Dl2RqcGKq9Fh07snpDhGHDZPEBlnH3pPg=")
    }

    @Test(
        "the number of fields that a container's SAS signs follows its version",
        arguments: [
            ("2015-04-05", 13), ("2018-03-28", 13), ("2018-11-09", 15), ("2019-10-10", 15), ("2020-10-02", 15), ("2020-12-06", 16),
            ("2024-11-04", 16),
        ])
    func layouts(version: String, fields: Int) {
        let text = SignatureLayout.service(account: "a", resource: .container("c"), parameters: ["sv": version, "sp": "r", "se": "e"])
        #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count == fields)
    }

    @Test(
        "a SAS that the emulator gives out works with every version",
        arguments: ["2015-04-05", "2018-03-28", "2018-11-09", "2019-10-10", "2020-10-02", "2020-12-06", "2024-11-04"])
    func accepted(version: String) async throws {
        try await Emulated.with({ $0.sasVersion = version }) { cloud async throws in
            #expect(try cloud.put(Emulated.url(cloud.container(), "x"), [1]).status == 201)
            #expect(try cloud.post("YQ==", to: cloud.ingestionQueue()).status == 201)
        }
    }

    @Test(
        "CRC64 is the one of the service",
        arguments: [("123456789", "iJh5CoYUi64="), ("hello", "V0JSBnCFdzM=")])
    func crc(text: String, expected: String) {
        #expect(Digests.base64(Array(text.utf8).withUnsafeBytes { CRC64.checksum($0) }) == expected)
    }
}
