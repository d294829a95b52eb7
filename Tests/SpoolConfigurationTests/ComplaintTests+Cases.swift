extension ComplaintTests {
    static let cases: [Case] = [
        Case("the least configuration is silent", valid, []),
        Case("nothing", "", []),
        Case("comments only", "# nothing\n", []),
        Case("no map", "- a\n- b\n", []),
        Case("a short scalar", "a", []),
        Case("an unknown key", valid + "sate: /x\n", []),
        Case("an unknown key, nothing near", valid + "frobnicate: 1\n", []),
        Case("a tab", "cluster:\n\tingestion_uri: x\n", []),
        Case("broken yaml", "cluster: [1, 2\nspools: {\n", []),
        Case("unclosed quote", "cluster: \"abc\n", []),
        Case("two documents", "a: 1\n---\nb: 2\n", []),
        Case("duplicates", cluster + "state: /a\nstate: /b\n" + spool + "        table: U\n", []),
        Case("duplicates in flow", valid + "log: { level: info, level: debug }\n", []),
        Case(
            "many at once",
            """
            cluster:
              ingestion_uri: https://c.westeurope.kusto.windows.net
              credential: { kind: client_secret, tenant: t, secret: hunter2 }
              trusted_hosts: a.b
            spools:
              - path: spool
                database:
                format: multijosn
                report: { level: al, method: table }
                retain_blob: yes
                complete: { quiet: 10, marker: .done }
                max_file_size: 7 GiB
                on_ambiguous: wait
                dedupe: true
              - path: /x/../y
                tags: a
            state: [1]
            journal: { rotate_at: 256 MB }
            limits: { memory: 16 MiB, upload_block_size: 10 MiB, concurrency: 0 }
            notifications: { deadline: 1.5 h }
            """, []),
        Case(
            "later kinds",
            """
            cluster:
              ingestion_uri: https://ingest-c.westeurope.kusto.windows.net
              credential: { kind: client_certificate, tenant: t, client_id: i, certificate: credential:spool.pem }

            """ + spool, []),
        Case("nulls", valid + "log:\nstate: ~\n", []),
        Case(
            "paths",
            cluster + """
                spools:
                  - { path: /s/a, database: D, table: T, format: csv }
                  - { path: /s/a/, database: D, table: T, format: csv }
                  - { path: /s/a/b, database: D, table: T, format: csv }
                  - { path: /t/a, database: D, table: T, format: csv }
                  - { path: /var/lib/kusto-spool/x, database: D, table: T, format: json, report: { level: none } }
                journal: { path: /s/a/journal }

                """, []),
    ]
}
