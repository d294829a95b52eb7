import KustoWire
import SpoolPrimitives

/// The keys of a spool, in the order of the reference page.
enum SpoolKeys {
    static let path = ConfigurationKey<String>.path(
        "path", .required, "The directory that producers drop complete files into. The daemon makes `.active`, `done` and `failed` in it.")

    static let name = ConfigurationKey<String>.scalar(
        "name", allowed: "letters, digits, '-', '_' and '.', at most 64", .optional,
        "What logs, metrics and commands call the spool. Absent: the last part of `path`.", read: spoolName)

    static let database = ConfigurationKey<String>.text("database", .required, "The target database. Names are case-sensitive.")

    static let table = ConfigurationKey<String>.text("table", .required, "The target table.")

    static let format = ConfigurationKey<DataFormat>.choice(
        "format", DataFormat.allCases.map { ($0.rawValue, $0) }, .required,
        "The files' format, by the service's name for it. No default: a guess by the file's name would be wrong silently.")

    static let mapping = ConfigurationKey<String>.text(
        "mapping", .optional,
        "The name of an ingestion mapping that exists in the service; its kind follows from `format`. Absent: by position or by name.")

    static let retainBlob = ConfigurationKey<Bool>.flag(
        "retain_blob", default: true,
        "Whether the service keeps the uploaded blob after a success. On, as in every SDK: a lost message can then be repeated from it.")

    static let flushImmediately = ConfigurationKey<Bool>.flag(
        "flush_immediately", default: false,
        "Skips the service's batching. Off: many small extents cost the cluster dearly, and the batching policy of the table is the right place."
    )

    static let ignoreFirstRecord = ConfigurationKey<Bool>.flag(
        "ignore_first_record", default: false, "Whether the first record of every file is a header. Off, as in the service.")

    static let tags = ConfigurationKey<[String]>.list(
        "tags", of: .text("tag", .optional, "Of an extent."), .defaulted("[]"),
        "Extent tags, `drop-by:…` or plain. None, since a different tag for each file defeats the service's merging.")

    static let onAmbiguous = ConfigurationKey<SpoolSettings.OnAmbiguous>.scalar(
        "on_ambiguous", allowed: "'wait <duration>' (from 1 s to 7 days) or 'repost'", .defaulted("wait 15 min"),
        "What to do about a post whose reply was lost: wait for a notification and then repost, or repost at once. Three times the service's usual batching "
            + "delay of 5 min tells most of them.", read: ambiguity)

    static let tree = ConfigurationKey<Bool>.flag(
        "tree", default: false, "Whether subdirectories of the root are scanned too. Off: the root alone is cheapest to watch.")

    static let maxFileSize = ConfigurationKey<ByteCount>.size(
        "max_file_size", in: ByteCount(Int64(1)) ... .gibibytes(64), default: "6 GiB",
        "A larger file is skipped with its reason. The service takes no more than 6 GB of raw data in one blob; above that it is asked to ignore its limit, and may fail all the same."
    )

    static let compression = ConfigurationKey<SpoolSettings.Compression>.choice(
        "compression", [("auto", .auto), ("none", .none)], .defaulted("auto"),
        "`auto`: gzip on the way, unless the file is compressed or its format is binary. Text shrinks to a quarter, which the network feels more than a core."
    )

    static let networkFilesystem = ConfigurationKey<Bool>.flag(
        "network_filesystem", default: false,
        "The spool lies on NFS, CIFS or the like: it is scanned only, and one daemon claims. Off, so that such a spool is refused until somebody means it."
    )

    static let syncClaims = ConfigurationKey<Bool>.flag(
        "sync_claims", default: false,
        "Runs a syncfs for each batch of claims, for producers that never call fsync. Off: it costs the whole file system a flush.")

    /// Whether the service is to drop repeats.
    enum Dedupe: Sendable, Hashable {
        case none
        case ingestBy
    }

    static let dedupe = ConfigurationKey<Dedupe>.choice(
        "dedupe", [("none", .none), ("ingest_by", .ingestBy)], .defaulted("none"),
        "`ingest_by`: an `ingest-by:` tag for each file, by which the service usually drops a message that had to be posted twice. Off, since it costs the "
            + "service its batching: every file is ingested alone, and its extent keeps a tag that no other has.")

    private static func spoolName(_ text: String) -> String? {
        let isName =
            !text.isEmpty && text.count <= 64 && !text.hasPrefix(".")
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
        return isName ? text : nil
    }

    private static func ambiguity(_ text: String) -> SpoolSettings.OnAmbiguous? {
        if text == "repost" { return .repost }
        guard text.hasPrefix("wait "), let duration = Units.duration(String(text.dropFirst("wait ".count))) else { return nil }
        return (.seconds(1) ... .seconds(7 * 86_400)).contains(duration) ? .wait(duration) : nil
    }
}
