import ArgumentParser
import IngestionModel
import KustoWire
import Ledger
import SpoolConfiguration
import SpoolPrimitives

/// `kusto-spool show FILE|SOURCE`
struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show all that is known of a file.",
        discussion: "A name that was dropped several times shows each, newest first. Reads the ledger, with the daemon running or not.")

    @OptionGroup var config: ConfigurationOption
    @OptionGroup var file: FileArgument
    @Flag(help: "Print one JSON object for each.") var json = false

    func run() throws {
        let (_, ledger) = try config.ledger()
        let entries = try file.entries(in: ledger)
        for (index, entry) in entries.enumerated() {
            if index > 0, !json { Terminal.put("\n") }
            let fields = Self.fields(entry)
            Terminal.put(json ? Self.json(fields) : Self.text(fields))
        }
    }

    private static func fields(_ entry: LedgerReader.Entry) -> [(name: String, value: String?)] {
        let source = entry.source
        return [
            ("file", source.file.relativePath), ("spool", entry.spool), ("source", source.id.description),
            ("state", "\(source.progress.state)"),
            ("waits_until", waitsUntil(source)), ("now_at", place(source, entry.spool)), ("code", source.code), ("reason", source.reason),
            ("size", "\(source.file.size)"), ("claimed_at", source.claimedAt.description), ("decided_at", source.decidedAt?.description),
            ("database", source.properties?.database), ("table", source.properties?.table), ("format", source.properties?.format.rawValue),
            ("posts", "\(source.progress.posts)"), ("container", source.blob?.container),
            ("blob_size", source.blob.map { "\($0.sentSize)" }),
            ("supersedes", source.supersedes.map { SourceID(prefix: source.id.prefix, row: $0).description }),
            ("superseded_by", supersededBy(source)),
        ]
    }

    private static func place(_ source: SourceRow, _ spool: String) -> String {
        switch source.location {
        case .active: "\(spool)/.active/\(source.file.claim)/\(source.file.name)"
        case .done(let path), .failed(let path): "\(spool)/\(path)"
        case .deleted: "deleted after its success, as the spool's on_success says"
        case .vanished: "nowhere: another hand removed it"
        }
    }

    private static func waitsUntil(_ source: SourceRow) -> String? {
        switch source.progress.state {
        case .deferred(let until, _): until.description
        case .ambiguous(let repostAt): repostAt.description
        case .queued, .held: source.due.description
        case .claimed, .posting, .settled, .superseded: nil
        }
    }

    private static func supersededBy(_ source: SourceRow) -> String? {
        guard case .superseded(let row) = source.progress.state else { return nil }
        return SourceID(prefix: source.id.prefix, row: row).description
    }

    private static func text(_ fields: [(name: String, value: String?)]) -> String {
        fields.compactMap { field in field.value.map { "\(field.name.padded(to: 14))\($0)\n" } }.joined()
    }

    private static func json(_ fields: [(name: String, value: String?)]) -> String {
        var writer = JSONWriter()
        writer.object { object in
            for (name, value) in fields { object.field(name, ifPresent: value) }
        }
        writer.newline()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
