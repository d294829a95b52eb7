/// What the command says about itself.
package enum EmulatorHelp {
    /// One line.
    package static let abstract =
        "A Kusto cluster's ingestion side on this machine: tokens, data management, blob, queue and table storage, ingestor, queries."

    /// What `--help` teaches.
    package static let discussion = """
        Everything that queued ingestion speaks to, on one port:

          POST /emulator/oauth2/v2.0/token   client credentials, see below
          GET  /v1/rest/auth/metadata        names this port as the login endpoint
          POST /v1/rest/mgmt                 .get ingestion resources,
                                             .get kusto identity token,
                                             .show version
          POST /v1/rest/query, /v2/…         T, T | count, T | take 10
          /ACCOUNT/CONTAINER/BLOB            Azure blob storage, by SAS
          /ACCOUNT/QUEUE/messages            Azure queue storage, by SAS
          /ACCOUNT/TABLE(…)                  Azure table storage, by SAS

        The engine's endpoint is on a port of its own and refuses the ingestion
        commands, as a real engine does. It alone answers

          .show ingestion failures [with (OperationId = "…")]
            | where IngestionSourcePath has "…" and FailedOn > ago(1d)
            | project …  | take 10  | count

        Credentials: tenant "emulator", client 00000000-0000-0000-0000-0000000000ec,
        secret "emulator-secret"; or the bearer "emulator-token" as it is.

        Tables are made by their first use. --setup FILE declares them:

          {"databases": ["Logs"], "strictTables": true,
           "tables": [{"database": "Logs", "table": "Web",
                       "columns": [{"name": "at", "type": "datetime"}]}],
           "mappings": [{"name": "m", "kind": "Json",
                         "columns": [{"column": "at", "path": "$.t"}]}],
           "failures": [{"table": "Bad", "code": "General_ThrottledIngestion",
                         "failureStatus": "Exhausted", "shouldRetry": true,
                         "times": 1}],
           "settings": {"containerSASLifetime": 120, "queueSASLifetime": "5min",
                        "tokenLifetime": 60, "identityTokenLifetime": 60,
                        "batchingDelay": "200ms", "latency": "20ms",
                        "skipReport": "skipped", "tagRacePercent": 100}}

        Faults, by --faults FILE or POST to /__emulator/faults:

          {"rules": [{"endpoint": "blob.put", "account": "account1",
                      "when": {"every": 3},
                      "action": {"status": 503, "body": "storage",
                                 "code": "ServerBusy"}}]}

          endpoint  token, discovery, metadata, mgmt.resources, mgmt.identity,
                    mgmt.version, mgmt.failures, mgmt.other, query,
                    blob.put, blob.block, blob.blocklist, blob.get,
                    blob.head, blob.delete,
                    queue.put, queue.get, queue.peek, queue.delete,
                    queue.update, queue.metadata, table.insert, table.get,
                    table.query, table.merge, table.replace, table.delete;
                    blob, queue, table or mgmt for all of theirs; an array;
                    or "*"
          when      "always", {"nth": n}, {"from": n}, {"first": n},
                    {"every": n}, {"percent": p}
          action    {"error": NAME, "headers": {…}} with a service's own
                    code: AuthenticationFailed.expired, ….signature,
                    AuthorizationFailure, ContainerNotFound, QueueNotFound,
                    ServerBusy, TooManyRequests, RequestTimeout,
                    Kusto.Throttled, Entra.Unavailable … (an unknown one is
                    refused with all that there are);
                    {"status": …, "headers": {…}, "body": storage, oneapi,
                    token, html, truncated-json, raw or empty, "code": …,
                    "message": …};
                    "reset-before", "reset-after", {"hang": seconds},
                    {"delay": ms}, {"truncate": bytes},
                    {"trickle": bytes, "pause": ms},
                    {"misstate-length": bytes}; spoilt replies: "malformed",
                    "html", "bom", "emptied", "binary", "wrong-type";
                    "verdict-first"; {"change": CHANGE}

        A rule about verdicts has "notification": "success", "failure" or
        "any", maybe "method": "queue" or "table", and "table"; its action is
        "lose", "contradict", "unknown-fields", "other-types", "garbage",
        {"delay": ms}, {"duplicate": n}, {"reorder": n, "within": ms} or
        {"foreign": n}. --fault RULE gives one rule on the command line.

        A CHANGE, also by POST to /__emulator/change, is one or an array of
        "expire-signatures", "revoke-bearers", "revoke-identities",
        "rotate-notification-queues", "pause-ingestion", "resume-ingestion",
        "hold-notifications", "release-notifications", {"settings": {…}},
        {"advance-clock": seconds}, {"clock-offset": seconds},
        {"expire-signatures": ACCOUNT}, {"rotate-key": ACCOUNT},
        {"add": {"account": …, "container": … or "queue": …}},
        {"remove": {"account": …, "container": … or "queue": … or
        "table": true, "from": "snapshot", "storage" or "both"}},
        {"notification-queues": n}, {"foreign-notifications": n,
        "failures": percent}.

        While it runs, under /__emulator/:

          GET    stats                       requests, faults, queues, tables
          GET    accounts                    the storage accounts' keys
          GET    faults   POST   DELETE      faults in force
          POST   failures DELETE             forced failures, as in --setup
          POST   settings                    as in --setup
          POST   change                      see above
          POST   ingestion/pause, ingestion/resume
          POST   notifications/hold, …/release, …/rotate
          POST   signatures/expire, tokens/revoke
        """

    /// The line printed when the emulator listens.
    static func ready(_ emulator: Emulator) -> String {
        let token = emulator.configuration.staticToken ?? "none"
        return
            "kusto-emulator ready: ingestion URI \(emulator.ingestURI)  engine \(emulator.engineURI)  static token \(token)  tenant \(emulator.configuration.tenant)  "
            + "client \(emulator.configuration.clientID)  secret \(emulator.configuration.clientSecret)  ingest \(emulator.configuration.ingestion.rawValue)\n"
    }
}
