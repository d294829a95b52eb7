/// Everything about an emulator that its starter decides.
package struct EmulatorConfiguration: Sendable {
    /// What becomes of the messages in the ingestion queues.
    package enum Ingestion: String, Sendable, CaseIterable {
        /// Blobs are downloaded and parsed, and their rows land in tables.
        case rows
        /// Blobs are downloaded and parsed, and their records only counted.
        case count
        /// Messages are checked and reported as ingested; blobs are not opened.
        case none
    }

    /// A certificate with its key, both PEM files.
    package struct TLSFiles: Sendable {
        /// The certificate, with those that it was signed by after it.
        package var certificate: String
        /// The key.
        package var key: String

        /// The two files.
        package init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// How a source is reported that `ingestIfNotExists` kept out. No source about the real service says it: clients must bear each.
    package enum SkipReport: String, Sendable, CaseIterable {
        /// Like any success, in the queue and in the status table.
        case succeeded
        /// As a success in the queue, and as `Skipped` in the status table.
        case skipped
        /// Not at all in the queue, and as `Skipped` in the status table.
        case silent
    }

    /// The address to listen on.
    package var host = "127.0.0.1"
    /// The port to listen on; 0 lets the system choose.
    package var port = 0
    /// The port of the engine's endpoint; 0 lets the system choose.
    package var enginePort = 0
    /// TLS for the ports; nil speaks plain HTTP.
    package var tls: TLSFiles?

    /// How many storage accounts there are: `account1`, `account2` …
    package var accounts = 2
    /// Temporary storage containers in each account.
    package var containersPerAccount = 2
    /// Ingestion queues in each account.
    package var queuesPerAccount = 2
    /// How long the container signatures that are given out live.
    package var containerSASLifetime = Duration.seconds(4 * 86_400)
    /// How long the queue signatures that are given out live.
    package var queueSASLifetime = Duration.seconds(12 * 3600)
    /// `sv` of the signatures that are given out. It decides what they sign and how large a blob may be.
    package var sasVersion = "2019-12-12"
    /// `sp` of the container signatures. Kusto gives no right to list.
    package var containerPermissions = "rw"
    /// `sp` of the notification queues' signatures.
    package var notificationPermissions = "raup"
    /// Whether storage's XML begins with a byte order mark, as the real one's does.
    package var writesByteOrderMark = true
    /// Whether the table service answers an unauthorized request in OData's JSON like any other; otherwise in XML. Both are told of the real one.
    package var writesTableAuthorizationErrorsAsJSON = false

    /// The tenant that the token endpoint knows.
    package var tenant = "emulator"
    /// The application that it knows.
    package var clientID = "00000000-0000-0000-0000-0000000000ec"
    /// The application's secret.
    package var clientSecret = "emulator-secret"
    /// How long its tokens live.
    package var tokenLifetime = Duration.seconds(3599)
    /// A bearer that is accepted without the token endpoint; nil accepts none.
    package var staticToken: String? = "emulator-token"
    /// How long an identity token (`authorizationContext`) lives.
    package var identityTokenLifetime = Duration.seconds(86_400)

    /// How long the ingestor waits after the first message of a batch. The real service waits for minutes.
    package var batchingDelay = Duration.milliseconds(200)
    /// The most messages in one batch.
    package var batchingItems = 500
    /// What becomes of the messages.
    package var ingestion = Ingestion.rows
    /// Whether the ingestor starts out paused.
    package var startsPaused = false
    /// Whether tables must be named in `tables`; otherwise the first use makes one.
    package var strictTables = false
    /// Databases that exist; nil means any.
    package var databases: Set<String>?
    /// Tables with their columns.
    package var tables: [TableDefinition] = []
    /// Mappings by name.
    package var mappings: [MappingDefinition] = []
    /// Failures to give instead of ingesting, for a table.
    package var forcedFailures: [ForcedFailure] = []
    /// Whether avro, parquet, orc and other binary formats are taken unread, as one record each.
    package var acceptsBinaryFormats = false
    /// Whether JSON needs a mapping, as the older rule of the service has it.
    package var requiresJSONMapping = false
    /// Whether blobs are removed once their verdict is out, so that a long run does not fill the memory.
    package var dropsIngestedBlobs = false

    /// How likely a source with `ingestIfNotExists` does not see a tag that another source of the same batching window brings, in percent: the real
    /// service's check and its commit are not one step. Tags from before the window are always seen.
    package var tagRacePercent = 50.0
    /// How a source is reported that `ingestIfNotExists` kept out.
    package var skipReport = SkipReport.succeeded

    /// A folder that keeps tables and storage over a restart, also one after a kill; nil keeps everything in memory.
    package var stateDirectory: String?
    /// Added to every reply.
    package var latency = Duration.zero
    /// Faults in force from the start.
    package var faults: [FaultRule] = []
    /// Rules about verdicts in force from the start.
    package var notificationFaults: [NotificationRule] = []
    /// By how much the emulator's clock differs from the system's: seen in `Date` headers, signatures, tokens and notifications.
    package var clockOffset = Duration.zero
    /// The seed of account keys and of faults by chance.
    package var seed: UInt64 = 1
    /// How many requests the request log keeps.
    package var requestLogLimit = 10_000
    /// How many accepted messages and verdicts are kept for inspection.
    package var messageLogLimit = 1_000_000

    /// The defaults.
    package init() {}
}
