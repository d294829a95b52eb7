extension ComplaintTests {
    static let cases: [Case] = documents + keys + values + credentials + paths

    /// The file as YAML.
    static let documents: [Case] = [
        Case(
            "a byte order mark and Windows' line ends are no fault", "\u{FEFF}" + valid.split(separator: "\n").joined(separator: "\r\n"), []
        ),
        Case(
            "places are right behind Windows' line ends",
            (cluster + spool).split(separator: "\n").joined(separator: "\r\n") + "\r\nstate: /a\r\nlog: { level: x }\r\nstate: /b\r\n",
            [
                "f:10:15: error: log.level: found 'x', allowed is one of error, warning, notice, info, debug, trace",
                "f:11:1: error: 'state' is given twice; the first is in line 9",
            ]),
        Case("the least configuration is silent", valid, []),
        Case(
            "an empty file lacks everything",
            "",
            [
                "f:1:1: error: cluster is missing; it takes a map of keys",
                "f:1:1: error: spools is missing; it takes a list with at least one spool",
            ]),
        Case(
            "a file of comments lacks everything",
            "# nothing\n",
            [
                "f:1:1: error: cluster is missing; it takes a map of keys",
                "f:1:1: error: spools is missing; it takes a list with at least one spool",
            ]),
        Case(
            "a list is no configuration",
            "- a\n- b\n",
            [
                "f:1:1: error: found a list, a configuration is a map of keys"
            ]),
        Case(
            "a text is no configuration",
            "a",
            [
                "f:1:1: error: found 'a', a configuration is a map of keys"
            ]),
        Case(
            "a tab is named as such",
            "cluster:\n\tingestion_uri: x\n",
            [
                "f:2:1: error: not YAML: a tab in the indentation; use spaces"
            ]),
        Case(
            "a bracket that is not closed",
            "cluster: [1, 2\nspools: {\n",
            [
                "f:2:7: error: not YAML: did not find expected ',' or ']' while parsing a flow sequence of line 1"
            ]),
        Case(
            "a quote that is not closed is shown where it opens",
            "cluster: \"abc\n",
            [
                "f:1:10: error: not YAML: found unexpected end of stream while scanning a quoted scalar of line 1"
            ]),
        Case(
            "a colon too many",
            "state: a: b\n",
            [
                "f:1:9: error: not YAML: mapping values are not allowed in this context"
            ]),
        Case(
            "an alias to nothing",
            "state: *nowhere\n",
            [
                "f:1:8: error: not YAML: found undefined alias"
            ]),
        Case(
            "a second document",
            valid + "---\nlog: {}\n",
            [
                "f:9:1: error: a second document begins here; a file holds one"
            ]),
        Case(
            "a control character",
            "state: \"/a\u{1}b\"\n",
            [
                "f:1:11: error: not YAML: control characters are not allowed"
            ]),
        Case(
            "aliases of aliases end at a bound",
            bomb,
            [
                "f:1:10: error: the file has more than 50000 values"
            ]),
        Case("an anchor is as good as what it stands for", valid + "log: &a { level: info }\n", []),
        Case(
            "a key given twice, and the rest is judged all the same",
            cluster + "state: /a\nstate: /b\n" + spool + "log: { level: x }\n",
            [
                "f:5:1: error: 'state' is given twice; the first is in line 4",
                "f:11:15: error: log.level: found 'x', allowed is one of error, warning, notice, info, debug, trace",
            ]),
        Case(
            "a key given twice in flow style",
            valid + "log: { level: info, format: json, level: debug }\n",
            [
                "f:9:35: error: 'level' is given twice; the first is in line 9"
            ]),
        Case(
            "a key given three times",
            valid + "state: /a\n\"state\": /b\nstate: /c\n",
            [
                "f:10:2: error: 'state' is given twice; the first is in line 9",
                "f:11:1: error: 'state' is given twice; the first is in line 9",
            ]),
        Case(
            "two keys given twice in nested maps",
            valid + "log:\n  level: info\n  # comment\n  level: debug\n\njournal:\n  keep: 7 days\n  keep: 8 days\n",
            [
                "f:12:3: error: 'level' is given twice; the first is in line 10",
                "f:16:3: error: 'keep' is given twice; the first is in line 15",
            ]),
        Case(
            "the same key in two spools is not given twice",
            cluster + spool + "  - path: /spool/b\n    database: D\n    table: T\n    format: csv\n", []),
        Case(
            "a key that is a map",
            valid + "? { a: b }\n: c\n",
            [
                "f:9:3: error: a key must be a plain name"
            ]),
    ]

    static let bomb = (0..<12).map { level in
        "a\(level): &a\(level) [\(Array(repeating: level == 0 ? "x" : "*a\(level - 1)", count: 9).joined(separator: ", "))]\n"
    }.joined()

    /// Names of keys.
    static let keys: [Case] = [
        Case(
            "an unknown key, with its neighbour",
            valid + "sate: /x\n",
            [
                "f:9:1: error: sate: unknown key; did you mean 'state'?"
            ]),
        Case(
            "an unknown key without a neighbour",
            valid + "frobnicate: 1\n",
            [
                "f:9:1: error: frobnicate: unknown key; known are cluster, spools, state, notifications, journal, limits, log"
            ]),
        Case(
            "swapped letters",
            cluster + "spoosl: []\n" + spool,
            [
                "f:4:1: error: spoosl: unknown key; did you mean 'spools'?"
            ]),
        Case(
            "an unknown key of a spool",
            valid + "    databse: E\n    retain-blob: true\n",
            [
                "f:9:5: error: spools[0].databse: unknown key; did you mean 'database'?",
                "f:10:5: error: spools[0].retain-blob: unknown key; did you mean 'retain_blob'?",
            ]),
        Case(
            "unknown keys of nested maps",
            valid + "journal: { rotate: 1 GiB }\nlog: { levle: info }\n",
            [
                "f:9:12: error: journal.rotate: unknown key; did you mean 'rotate_at'?",
                "f:10:8: error: log.levle: unknown key; did you mean 'level'?",
            ]),
        Case(
            "a way to drop repeats that there is not",
            valid + "    dedupe: tags\n",
            [
                "f:9:13: error: spools[0].dedupe: found 'tags', allowed is one of none, ingest_by"
            ]),
        Case(
            "what is missing is said where its map begins",
            "cluster:\n  verbatim_uri: false\nspools:\n  - name: x\n",
            [
                "f:2:3: error: cluster.ingestion_uri is missing; it takes https://ingest-<cluster>.<region>.kusto.windows.net",
                "f:2:3: error: cluster.credential is missing; it takes a map of keys",
                "f:4:5: error: spools[0].path is missing; it takes an absolute path without '..'",
                "f:4:5: error: spools[0].database is missing; it takes a text",
                "f:4:5: error: spools[0].table is missing; it takes a text",
                "f:4:5: error: spools[0].format is missing; it takes one of csv, tsv, tsve, scsv, sohsv, psv, txt, raw, json, multijson, singlejson, avro, apacheavro, parquet, orc, sstream, w3clogfile",
            ]),
    ]

    /// Values of keys.
    static let values: [Case] = [
        Case(
            "nothing behind the colon is not the default",
            valid + "log:\nstate: ~\n",
            [
                "f:9:5: error: log: found nothing, allowed is a map of keys",
                "f:10:8: error: state: found nothing, allowed is an absolute path without '..'",
            ]),
        Case(
            "a list, a map and a scalar each in the wrong place",
            valid + "state: [1]\nlog: info\njournal: { path: { a: b } }\n",
            [
                "f:9:8: error: state: found a list, allowed is an absolute path without '..'",
                "f:10:6: error: log: found 'info', allowed is a map of keys",
                "f:11:18: error: journal.path: found a map of keys, allowed is an absolute path without '..'",
            ]),
        Case(
            "a spool that is no map",
            cluster + "spools: [a, [b]]\n",
            [
                "f:4:10: error: spools[0]: found 'a', allowed is a map of keys",
                "f:4:13: error: spools[1]: found a list, allowed is a map of keys",
            ]),
        Case(
            "spools that are no list",
            cluster + "spools: { path: /a }\n",
            [
                "f:4:9: error: spools: found a map of keys, allowed is a list (lines that begin with '- ')"
            ]),
        Case(
            "no spools",
            cluster + "spools: []\n",
            [
                "f:4:9: error: spools is empty; at least one spool is needed"
            ]),
        Case(
            "flags have two spellings",
            valid + "    tree: yes\n    sync_claims: 0\n    retain_blob: TRUE\n    network_filesystem: maybe\n",
            [
                "f:9:11: error: spools[0].tree: found 'yes', allowed is true or false; did you mean true?",
                "f:10:18: error: spools[0].sync_claims: found '0', allowed is true or false; did you mean false?",
                "f:11:18: error: spools[0].retain_blob: found 'TRUE', allowed is true or false; did you mean true?",
                "f:12:25: error: spools[0].network_filesystem: found 'maybe', allowed is true or false",
            ]),
        Case(
            "a unit is missing",
            valid + "notifications: { deadline: 24 }\n",
            [
                "f:9:28: error: notifications.deadline: found '24', allowed is a whole number with a unit (ms, s, min, h, days), from 1 s to 7 days; the unit is missing"
            ]),
        Case(
            "a unit that is none of ours",
            valid + "journal: { rotate_at: 256 MB, keep: 2 weeks }\nnotifications: { deadline: 5 minutes }\n",
            [
                "f:9:23: error: journal.rotate_at: found '256 MB', allowed is a whole number with a unit (B, KiB, MiB, GiB, TiB), from 64 KiB to 1 TiB; did you mean '256 MiB'?",
                "f:9:37: error: journal.keep: found '2 weeks', allowed is a whole number with a unit (ms, s, min, h, days), from 1 h to 3650 days",
                "f:10:28: error: notifications.deadline: found '5 minutes', allowed is a whole number with a unit (ms, s, min, h, days), from 1 s to 7 days; did you mean '5 min'?",
            ]),
        Case(
            "fractions are written in the smaller unit",
            valid + "notifications: { deadline: 1.5 h }\n",
            [
                "f:9:28: error: notifications.deadline: found '1.5 h', allowed is a whole number with a unit (ms, s, min, h, days), from 1 s to 7 days"
            ]),
        Case(
            "quantities out of range",
            valid + "    max_file_size: 65 GiB\nnotifications: { deadline: 8 days }\nlimits: { concurrency: 0 }\n",
            [
                "f:9:20: error: spools[0].max_file_size: found '65 GiB', allowed is a whole number with a unit (B, KiB, MiB, GiB, TiB), from 1 B to 64 GiB",
                "f:10:28: error: notifications.deadline: found '8 days', allowed is a whole number with a unit (ms, s, min, h, days), from 1 s to 7 days",
                "f:11:24: error: limits.concurrency: found '0', allowed is a whole number from 1 to 1024",
            ]),
        Case(
            "a number that no machine holds",
            valid + "limits: { memory: 99999999999999999999 GiB, upload_block_size: 9223372036854775807 TiB }\n",
            [
                "f:9:19: error: limits.memory: found '99999999999999999999 GiB', allowed is a whole number with a unit (B, KiB, MiB, GiB, TiB), from 16 MiB to 64 GiB",
                "f:9:64: error: limits.upload_block_size: found '9223372036854775807 TiB', allowed is a whole number with a unit (B, KiB, MiB, GiB, TiB), from 64 KiB to 100 MiB",
            ]),
        Case(
            "memory for less than two blocks",
            valid + "limits: { memory: 16 MiB, upload_block_size: 10 MiB }\n",
            [
                "f:9:19: error: limits.memory: 16 MiB is less than two blocks of upload_block_size (10 MiB)"
            ]),
        Case(
            "a word with a neighbour, and one without",
            valid + "log: { level: warn, format: xml }\n",
            [
                "f:9:15: error: log.level: found 'warn', allowed is one of error, warning, notice, info, debug, trace; did you mean 'warning'?",
                "f:9:29: error: log.format: found 'xml', allowed is one of text, json",
            ]),
        Case(
            "a format, with its neighbour",
            valid.replacing("csv", "multijosn"),
            [
                "f:8:13: error: spools[0].format: found 'multijosn', allowed is one of csv, tsv, tsve, scsv, sohsv, psv, txt, raw, json, multijson, singlejson, avro, apacheavro, parquet, orc, sstream, w3clogfile; did you mean 'multijson'?"
            ]),
        Case(
            "a format in the wrong case",
            valid.replacing("csv", "CSV"),
            [
                "f:8:13: error: spools[0].format: found 'CSV', allowed is one of csv, tsv, tsve, scsv, sohsv, psv, txt, raw, json, multijson, singlejson, avro, apacheavro, parquet, orc, sstream, w3clogfile; did you mean 'csv'?"
            ]),
        Case(
            "a method that there is not",
            valid + "    report: { method: tabel }\n",
            [
                "f:9:23: error: spools[0].report.method: found 'tabel', allowed is one of queue, table, both; did you mean 'table'?"
            ]),
        Case(
            "without reports every file ends unconfirmed",
            valid + "    report: { level: none }\n",
            [
                "f:9:22: warning: spools[0].report.level: with 'none' the service reports nothing: every file of this spool ends unconfirmed"
            ]),
        Case(
            "json without a mapping",
            valid.replacing("csv", "multijson"),
            [
                "f:8:13: warning: spools[0].format: 'multijson' without a mapping fills columns by name, which older clusters refuse; name a mapping if one exists"
            ]),
        Case("json with a mapping is silent", valid.replacing("csv", "multijson") + "    mapping: m\n", []),
        Case(
            "a header that parquet has not",
            valid.replacing("csv", "parquet") + "    ignore_first_record: true\n",
            [
                "f:9:26: warning: spools[0].ignore_first_record: means nothing for 'parquet', which has no header record"
            ]),
        Case(
            "ingest-by tags cost the batching",
            valid + "    tags: [ 'drop-by:x', 'ingest-by:y' ]\n",
            [
                "f:9:11: warning: spools[0].tags: a file with an 'ingest-by:' tag is ingested alone, without batching"
            ]),
        Case(
            "an empty tag, and a tag alone",
            valid + "    tags: [ '' ]\n  - { path: /b, database: D, table: T, format: csv, tags: a }\n",
            [
                "f:9:13: error: spools[0].tags[0]: found '', allowed is a text",
                "f:10:59: error: spools[1].tags: found 'a', allowed is a list (lines that begin with '- ')",
            ]),
        Case(
            "ambiguity",
            valid + "    on_ambiguous: wait\n",
            [
                "f:9:19: error: spools[0].on_ambiguous: found 'wait', allowed is 'wait <duration>' (from 1 s to 7 days) or 'repost'"
            ]),
        Case(
            "ambiguity out of range",
            valid + "    on_ambiguous: wait 8 days\n",
            [
                "f:9:19: error: spools[0].on_ambiguous: found 'wait 8 days', allowed is 'wait <duration>' (from 1 s to 7 days) or 'repost'"
            ]),
        Case(
            "marker and quiet",
            valid + "    complete: { marker: .done, quiet: 5 s }\n",
            [
                "f:9:39: error: spools[0].complete.quiet: is not used with marker; give one of the two"
            ]),
        Case(
            "a marker in another directory",
            valid + "    complete: { marker: done/x }\n",
            [
                "f:9:25: error: spools[0].complete.marker: found 'done/x', allowed is a suffix without '/', such as .done"
            ]),
        Case(
            "names",
            valid + "    name: 'a b'\n",
            [
                "f:9:11: error: spools[0].name: found 'a b', allowed is letters, digits, '-', '_' and '.', at most 64"
            ]),
    ]

    /// The cluster.
    static let credentials: [Case] = [
        Case(
            "the engine's URI",
            valid.replacing("ingest-c.", "c."),
            [
                "f:2:18: error: cluster.ingestion_uri: this is the cluster's query endpoint; ingestion goes to its data management endpoint: use https://ingest-c.westeurope.kusto.windows.net"
            ]),
        Case(
            "a URI without scheme",
            valid.replacing("https://ingest-c.", "ingest-c."),
            [
                "f:2:18: error: cluster.ingestion_uri: the URL has no scheme: use https://ingest-c.westeurope.kusto.windows.net"
            ]),
        Case(
            "plain http",
            valid.replacing("https:", "http:"),
            [
                "f:2:18: error: cluster.ingestion_uri: plain http would send tokens unencrypted; it is allowed to this machine only: use https://ingest-c.westeurope.kusto.windows.net"
            ]),
        Case(
            "a connection string is not shown",
            valid.replacing("https://ingest-c.westeurope.kusto.windows.net", "Data Source=https://c;AppKey=hunter2"),
            [
                "f:2:18: error: cluster.ingestion_uri: a connection string, not a URL; only its https://… part belongs here, credentials go to cluster.credential"
            ]),
        Case(
            "a secret instead of a reference is not shown",
            valid.replacing("credential:token", "hunter2"),
            [
                "f:3:44: error: cluster.credential.token: secrets do not stand in the configuration; allowed is an absolute path of a file, or credential:NAME"
            ]),
        Case(
            "a credential's name that is a path",
            valid.replacing("credential:token", "credential:../x"),
            [
                "f:3:44: error: cluster.credential.token: secrets do not stand in the configuration; allowed is an absolute path of a file, or credential:NAME"
            ]),
        Case(
            "a relative path of a secret",
            valid.replacing("credential:token", "./x"),
            [
                "f:3:44: error: cluster.credential.token: secrets do not stand in the configuration; allowed is an absolute path of a file, or credential:NAME"
            ]),
        Case(
            "no kind",
            valid.replacing("kind: static_token, ", ""),
            [
                "f:3:15: error: cluster.credential.kind is missing; it takes one of client_secret, static_token"
            ]),
        Case(
            "a kind that nobody has",
            valid.replacing("static_token", "client_sceret"),
            [
                "f:3:23: error: cluster.credential.kind: found 'client_sceret', allowed is one of client_secret, static_token; did you mean 'client_secret'?"
            ]),
        Case(
            "a kind of a later version, whatever its fields",
            valid.replacing("kind: static_token,", "kind: managed_identity, object_id: x,"),
            [
                "f:3:23: error: cluster.credential.kind: 'managed_identity' is not in this version yet; it has client_secret, static_token"
            ]),
        Case(
            "fields of the other kind",
            valid.replacing("kind: static_token,", "kind: client_secret, tenant: t,"),
            [
                "f:3:15: error: cluster.credential.client_id is missing; kind client_secret needs it",
                "f:3:15: error: cluster.credential.secret is missing; kind client_secret needs it",
                "f:3:56: error: cluster.credential.token: belongs to kind static_token",
            ]),
        Case(
            "fields of the other kind, the other way round",
            valid.replacing("token: credential", "secret: credential"),
            [
                "f:3:15: error: cluster.credential.token is missing; kind static_token needs it",
                "f:3:45: error: cluster.credential.secret: belongs to kind client_secret",
            ]),
        Case(
            "trusted hosts",
            valid.replacing("cluster:\n", "cluster:\n  trusted_hosts: [ a.example, .b.example, 'https://c', '' ]\n"),
            [
                "f:2:43: error: cluster.trusted_hosts[2]: found 'https://c', allowed is a host name, or one with a leading dot for all below it",
                "f:2:56: error: cluster.trusted_hosts[3]: found '', allowed is a host name, or one with a leading dot for all below it",
            ]),
        Case(
            "trusted hosts without a dash",
            valid.replacing("cluster:\n", "cluster:\n  trusted_hosts: a.example\n"),
            [
                "f:2:18: error: cluster.trusted_hosts: found 'a.example', allowed is a list (lines that begin with '- ')"
            ]),
        Case("verbatim", valid.replacing("ingest-c.westeurope.kusto.windows.net", "dm.example\n  verbatim_uri: true"), []),
    ]

    /// Paths, by their text.
    static let paths: [Case] = [
        Case(
            "relative, with '..', and the root",
            spools("a/b", "/a/../b", "/"),
            [
                "f:5:13: error: spools[0].path: found 'a/b', allowed is an absolute path without '..'",
                "f:6:13: error: spools[1].path: found '/a/../b', allowed is an absolute path without '..'",
                "f:7:13: error: spools[2].path: the root of the file system is no spool",
            ]),
        Case(
            "the same spool twice",
            spools("/s/a", "/s/b", "/s//./a/"),
            [
                "f:7:13: error: spools[2].path: '/s/a' is the spool of f:5:13 already"
            ]),
        Case(
            "nested spools, either way round",
            spools("/s/a", "/s/a/b", "/t/x/y", "/t/x"),
            [
                "f:6:13: error: spools[1].path: spools must not be nested: '/s/a/b' lies in '/s/a' (the other is at f:5:13)",
                "f:8:13: error: spools[3].path: spools must not be nested: '/t/x/y' lies in '/t/x' (the other is at f:7:13)",
            ]),
        Case("neighbours are not nested", spools("/s/a", "/s/ab"), []),
        Case(
            "spools of one name",
            spools("/s/a", "/t/a"),
            [
                "f:6:13: error: spools[1].name: the name 'a' is taken by f:5:13; give one of them another name"
            ]),
        Case(
            "state in a spool",
            spools("/s/a") + "state: /s/a/state\n",
            [
                "f:6:8: error: state: '/s/a/state' lies in the spool '/s/a'; its files would be ingested"
            ]),
        Case(
            "a spool in the state",
            spools("/var/lib/kusto-spool/a"),
            [
                "f:5:13: error: spools[0].path: '/var/lib/kusto-spool/a' lies in the state directory '/var/lib/kusto-spool', which producers must not write to"
            ]),
        Case(
            "state and spool in one",
            spools("/s/a") + "state: /s/a\n",
            [
                "f:6:8: error: state: '/s/a' lies in the spool '/s/a'; its files would be ingested"
            ]),
        Case(
            "the journal in a spool",
            spools("/s/a") + "journal:\n  path: /s/a/journal.ndjson\n",
            [
                "f:7:9: error: journal.path: '/s/a/journal.ndjson' lies in the spool '/s/a'; the journal would be ingested"
            ]),
        Case(
            "the journal is a directory",
            spools("/s/a") + "state: /s/state\njournal: { path: /s/state }\n",
            [
                "f:7:18: error: journal.path: '/s/state' is a directory, the state directory '/s/state' or one above it"
            ]),
    ]

    private static func spools(_ paths: String...) -> String {
        cluster + "spools:\n" + paths.map { "  - { path: \($0), database: D, table: T, format: csv }\n" }.joined()
    }
}

extension String {
    fileprivate func replacing(_ old: String, _ new: String) -> String {
        guard let range = firstRange(of: old) else { return self }
        return self[..<range.lowerBound] + new + self[range.upperBound...]
    }
}
