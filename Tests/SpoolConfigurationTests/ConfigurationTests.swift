import KustoWire
import SpoolConfiguration
import SpoolPrimitives
import Testing

@Suite struct ConfigurationTests {
    private static func load(_ texts: String...) throws -> LoadedConfiguration {
        try Configuration.load(texts.enumerated().map { ConfigurationSource(file: "f\($0.offset)", text: $0.element) })
    }

    @Test("what is absent has the documented default")
    func defaults() throws {
        let loaded = try Self.load(ComplaintTests.valid)
        let configuration = loaded.configuration
        #expect(loaded.warnings == [])
        #expect(configuration.cluster.endpoint.url.revealed == "https://ingest-c.westeurope.kusto.windows.net")
        #expect(configuration.cluster.credential == .staticToken(.credential("token")))
        #expect(configuration.cluster.caFile == nil)
        #expect(configuration.cluster.trustedHosts == [])
        #expect(configuration.state == "/var/lib/kusto-spool")
        #expect(configuration.notifications == NotificationSettings(foreign: .journal, deadline: .seconds(86_400)))
        #expect(
            configuration.journal
                == JournalSettings(
                    path: "/var/log/kusto-spool/journal.ndjson", rotateAt: .mebibytes(256), keep: .seconds(14 * 86_400), backlog: 200_000))
        #expect(configuration.limits == LimitSettings(memory: .mebibytes(256), concurrency: 1024, uploadBlockSize: .mebibytes(8)))
        #expect(configuration.log == LogSettings(level: .notice, format: .text))
        let spool = try #require(configuration.spools.first)
        #expect(
            spool
                == SpoolSettings(
                    path: "/spool/a", name: "a", properties: IngestionProperties(database: "D", table: "T", format: .csv),
                    onSuccess: .move(keep: .seconds(7 * 86_400)), onAmbiguous: .wait(.seconds(900)), tree: false,
                    completeness: .quiet(.seconds(10)),
                    maxFileSize: .gibibytes(6), compression: .auto, networkFilesystem: false, syncClaims: false))
    }

    @Test("everything that is written arrives")
    func everything() throws {
        let loaded = try Self.load(
            """
            cluster:
              ingestion_uri: https://dm.example:8443
              verbatim_uri: true
              credential:
                kind: client_secret
                tenant: contoso.onmicrosoft.com
                client_id: 00000000-0000-0000-0000-000000000001
                secret: /etc/kusto-spool/secret
              ca_file: /etc/ssl/own.pem
              trusted_hosts: [ DM.example, .corp.example ]
            spools:
              - path: /data/spool/./web/
                name: web-logs
                database: "Logs é"
                table: WebRequests
                format: multijson
                mapping: WebRequests_v2
                report: { level: failures, method: queue }
                retain_blob: false
                flush_immediately: true
                ignore_first_record: false
                tags:
                  - drop-by:2026
                  - plain
                on_success: { action: delete, keep: 1 day }
                on_ambiguous: repost
                tree: true
                complete: { marker: .done }
                max_file_size: 100 MiB
                compression: none
                network_filesystem: true
                sync_claims: true
              - { path: /b, database: D, table: T, format: csv, on_ambiguous: wait 90 s, complete: { quiet: 1min } }
            state: /srv/state
            notifications: { foreign: leave, deadline: 90 min }
            journal: { path: /srv/journal.ndjson, rotate_at: 1 GiB, keep: 30 days }
            limits: { memory: 1 GiB, concurrency: 8, upload_block_size: 512 KiB }
            log: { level: debug, format: json }
            """)
        let configuration = loaded.configuration
        #expect(loaded.warnings == [])
        #expect(configuration.cluster.endpoint.url.revealed == "https://dm.example:8443")
        #expect(
            configuration.cluster.credential
                == .clientSecret(
                    tenant: "contoso.onmicrosoft.com", clientID: "00000000-0000-0000-0000-000000000001",
                    secret: .file("/etc/kusto-spool/secret")))
        #expect(configuration.cluster.caFile == "/etc/ssl/own.pem")
        #expect(configuration.cluster.trustedHosts == ["dm.example", ".corp.example"])
        #expect(
            configuration.spools[0]
                == SpoolSettings(
                    path: "/data/spool/web", name: "web-logs",
                    properties: IngestionProperties(
                        database: "Logs é", table: "WebRequests", format: .multijson, mappingReference: "WebRequests_v2",
                        reportLevel: .failuresOnly,
                        reportMethod: .queue, retainBlobOnSuccess: false, flushImmediately: true, ignoreFirstRecord: false,
                        tags: ["drop-by:2026", "plain"]),
                    onSuccess: .delete(keepPresumed: .seconds(86_400)), onAmbiguous: .repost, tree: true, completeness: .marker(".done"),
                    maxFileSize: .mebibytes(100), compression: .none, networkFilesystem: true, syncClaims: true))
        #expect(configuration.spools[1].onAmbiguous == .wait(.seconds(90)))
        #expect(configuration.spools[1].completeness == .quiet(.seconds(60)))
        #expect(configuration.state == "/srv/state")
        #expect(configuration.notifications == NotificationSettings(foreign: .leave, deadline: .seconds(5400)))
        #expect(
            configuration.journal
                == JournalSettings(path: "/srv/journal.ndjson", rotateAt: .gibibytes(1), keep: .seconds(30 * 86_400), backlog: 200_000))
        #expect(configuration.limits == LimitSettings(memory: .gibibytes(1), concurrency: 8, uploadBlockSize: .kibibytes(512)))
        #expect(configuration.log == LogSettings(level: .debug, format: .json))
    }

    @Test("drop-ins append their spools, merge their maps, and the last scalar stands")
    func dropIns() throws {
        let configuration = try Self.load(
            ComplaintTests.valid + "log: { level: debug, format: json }\nstate: /one\n",
            "# only a comment\n",
            "spools:\n  - { path: /spool/b, database: D, table: T, format: csv }\nlog: { level: error }\nstate: /two\n",
            "spools:\n  - { path: /spool/c, database: D, table: T, format: csv }\nlimits:\n  concurrency: 3\n"
        ).configuration
        #expect(configuration.spools.map(\.path) == ["/spool/a", "/spool/b", "/spool/c"])
        #expect(configuration.log == LogSettings(level: .error, format: .json))
        #expect(configuration.state == "/two")
        #expect(configuration.limits.concurrency == 3)
    }

    @Test("complaints name the file that is at fault, in the order of the files")
    func complaintsAcrossFiles() {
        let error = #expect(throws: ConfigurationError.self) {
            try Self.load(
                ComplaintTests.valid + "log: { level: debug }\nstate: x\n",
                "spools:\n  - { path: /spool/a, database: D, table: T, format: csv }\nlog: 7\n",
                "limits: { memry: 1 GiB }\nnot yaml: [\n")
        }
        #expect(
            error?.complaints.map(\.description) == [
                "f0:10:8: error: state: found 'x', allowed is an absolute path without '..'",
                "f1:2:13: error: spools[1].path: '/spool/a' is the spool of f0:5:11 already",
                "f1:3:6: error: log: found '7', allowed is a map of keys",
                "f2:3:1: error: not YAML: did not find expected node content while parsing a flow node of line 3",
            ])
    }

    @Test("the design's example is read, but for its credential's kind, which belongs to a later version")
    func designExample() {
        let example = """
            cluster:
              ingestion_uri: https://ingest-mycluster.westeurope.kusto.windows.net
              credential: { kind: client_certificate, tenant: …, client_id: …, certificate: credential:spool.pem }
            spools:
              - path: /var/spool/kusto-spool/web
                database: Logs
                table: WebRequests
                format: multijson
                mapping: WebRequests_v2
                report: { level: all, method: queue }  # none | failures | all · queue | table
                retain_blob: true
                on_success: { action: move, keep: 7 days }   # move | delete
            state: /var/lib/kusto-spool
            notifications: { foreign: journal, deadline: 24 h }
            journal: { path: /var/log/kusto-spool/journal.ndjson, rotate_at: 256 MiB, keep: 14 days }
            """
        #expect(
            ComplaintTests.complaints(example) == [
                "f:3:23: error: cluster.credential.kind: 'client_certificate' is not in this version yet; it has client_secret, static_token"
            ])
    }

    @Test(
        "a route says where it is reported to and whether repeats are dropped",
        arguments: [
            ("report: { method: table }", ReportMethod.table, nil), ("report: { method: both }", .queueAndTable, nil),
            ("dedupe: ingest_by", .queue, .ingestBy), ("dedupe: none", .queue, nil),
        ] as [(String, ReportMethod, IngestionProperties.Dedupe?)])
    func reporting(line: String, method: ReportMethod, dedupe: IngestionProperties.Dedupe?) throws {
        let properties = try #require(try Self.load(ComplaintTests.valid + "    \(line)\n").configuration.spools.first?.properties)
        #expect(properties.reportMethod == method)
        #expect(properties.dedupe == dedupe)
    }

    @Test(
        "the query endpoint is asked only where it is named, and is not the data management endpoint",
        arguments: [
            ("https://c.w.kusto.windows.net", "https://c.w.kusto.windows.net", 0), ("http://127.0.0.1:1", "http://127.0.0.1:1", 0),
            ("https://ingest-c.w.kusto.windows.net", nil, 1), ("c.w.kusto.windows.net", nil, 1),
        ] as [(String, String?, Int)])
    func engine(uri: String, endpoint: String?, complaints: Int) throws {
        let text = ComplaintTests.valid.replacingFirst("cluster:\n", "cluster:\n  engine_uri: \(uri)\n")
        #expect(ComplaintTests.complaints(text).count == complaints)
        if complaints == 0 { #expect(try Self.load(text).configuration.cluster.engine?.description == endpoint) }
        #expect(try Self.load(ComplaintTests.valid).configuration.cluster.engine == nil)
    }

    @Test("no prefix of a configuration crashes the reader, or is accepted with something missing unsaid")
    func prefixes() {
        let text = ComplaintTests.valid + "log: { level: info }\n"
        for length in 0..<text.count {
            for complaint in ComplaintTests.complaints(String(text.prefix(length))) { #expect(complaint.hasPrefix("f:")) }
        }
    }

    @Test("no mutation of a configuration crashes the reader")
    func mutations() {
        let seed = Array((ComplaintTests.valid.replacingFirst("credential:token", "/hunter2") + "log: { level: info }\n").utf8)
        let random = RandomSource.seeded(11)
        let spice = Array("\t\n :-[]{}&*?!|>'\"%@`#,x0é".utf8)
        var faulty = 0
        for _ in 0..<800 {
            var bytes = seed
            for _ in 0...Int(random.next() % 4) {
                let index = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 4 {
                case 0: bytes[index] = spice[Int(random.next() % UInt64(spice.count))]
                case 1: bytes.remove(at: index)
                case 2: bytes.insert(spice[Int(random.next() % UInt64(spice.count))], at: index)
                default: bytes.insert(contentsOf: bytes[index..<min(index + 40, bytes.count)], at: index)
                }
            }
            let complaints = ComplaintTests.complaints(String(decoding: bytes, as: UTF8.self))
            if !complaints.isEmpty { faulty += 1 }
        }
        #expect(faulty > 500)
    }
}

extension String {
    fileprivate func replacingFirst(_ old: String, _ new: String) -> String {
        guard let range = firstRange(of: old) else { return self }
        return self[..<range.lowerBound] + new + self[range.upperBound...]
    }
}
