/// What the command says about itself.
package enum EmulatorHelp {
    /// One line.
    package static let abstract =
        "A Kusto cluster's ingestion side on this machine: tokens, data management, blob and queue storage, ingestor, queries."

    /// What `--help` teaches.
    package static let discussion = """
        The emulator takes the place of everything that queued ingestion speaks to, on one port:

          POST /<tenant>/oauth2/v2.0/token     client credentials; tenant "emulator", client
                                               00000000-0000-0000-0000-0000000000ec, secret "emulator-secret"
          GET  /v1/rest/auth/metadata          names the emulator itself as the login endpoint
          POST /v1/rest/mgmt                   .get ingestion resources, .get kusto identity token, .show version
          POST /v1/rest/query, /v2/rest/query  T, T | count, T | take 10
          /<account>/<container>/<blob>        Azure blob storage, by SAS
          /<account>/<queue>/messages          Azure queue storage, by SAS

        The engine has a port of its own (--engine-port): there the ingestion commands are refused, as by a real engine.

        The bearer "emulator-token" is accepted without the token endpoint. Tables are made by their first use.

        Watch it:     curl http://127.0.0.1:PORT/__emulator/stats
        Break it:     curl -d '{"rules":[{"endpoint":"blob.put","when":{"every":3},
                        "action":{"status":503,"body":"storage","code":"ServerBusy"}}]}' http://127.0.0.1:PORT/__emulator/faults
        Repair it:    curl -X DELETE http://127.0.0.1:PORT/__emulator/faults
        Hold it up:   POST /__emulator/ingestion/pause, …/resume; …/notifications/hold, …/release, …/rotate;
                      …/signatures/expire; …/tokens/revoke

        Fail it:      curl -d '{"failures":[{"table":"T","code":"General_ThrottledIngestion","failureStatus":"Exhausted",
                        "shouldRetry":true,"times":1}]}' http://127.0.0.1:PORT/__emulator/failures
        Prepare it:   --setup FILE: {"databases":["Logs"],"strictTables":true,
                        "tables":[{"database":"Logs","table":"Web","columns":[{"name":"at","type":"datetime"}]}],
                        "mappings":[{"name":"m","kind":"Json","columns":[{"column":"at","path":"$.t"}]}],"failures":[…]}
        Sign for it:  GET /__emulator/accounts gives the keys of the storage accounts.

        Endpoints for faults: token, discovery, metadata, mgmt.resources, mgmt.identity, mgmt.version, mgmt.other, query, blob.put,
        blob.block, blob.blocklist, blob.get, blob.head, blob.delete, queue.put, queue.get, queue.peek, queue.delete, queue.update,
        queue.metadata, table. Actions: {"status":…,"body":"storage|oneapi|token|html|truncated-json|raw|empty"}, "reset-before",
        "reset-after", {"hang":seconds}, {"delay":ms}, {"truncate":bytes}, {"trickle":bytes,"pause":ms}. When: "always", {"nth":n},
        {"first":n}, {"every":n}, {"percent":p}.
        """

    /// The line printed when the emulator listens.
    static func ready(_ emulator: Emulator) -> String {
        let token = emulator.configuration.staticToken ?? "none"
        return
            "kusto-emulator ready: ingestion URI \(emulator.ingestURI)  engine \(emulator.engineURI)  static token \(token)  tenant \(emulator.configuration.tenant)  "
            + "client \(emulator.configuration.clientID)  secret \(emulator.configuration.clientSecret)  ingest \(emulator.configuration.ingestion.rawValue)\n"
    }
}
