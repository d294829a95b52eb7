import ArgumentParser
import IngestionModel
import Ledger
import SpoolConfiguration
import SpoolDaemon
import SpoolPrimitives

/// `kusto-spool status`
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show how many files are where, spool by spool.",
        discussion: "Reads the ledger, with the daemon running or not. Exit code 0 whatever the counts are.")

    @OptionGroup var config: ConfigurationOption
    @Flag(help: "Print one JSON object.") var json = false

    func run() throws {
        let (loaded, ledger) = try config.ledger()
        do throws(LedgerError) {
            let summaries = try Self.summaries(ledger, loaded.configuration.spools.map(\.path))
            let outbox = try ledger.outboxCount()
            Terminal.put(json ? Self.json(ledger.identity, summaries, outbox) : Self.table(summaries, outbox))
        } catch {
            throw Terminal.fail(DaemonFailure(error))
        }
    }

    private struct Summary {
        var spool: String
        var work: [Work: Int] = [:]
        var verdicts: [Verdict: Int] = [:]

        var uploading: Int { count(.fresh, .deferred, .posting) }
        var waiting: Int { count(.awaitingVerdict, .ambiguous) }
        var held: Int { count(.held, .resting) }

        private func count(_ kinds: Work...) -> Int { kinds.reduce(0) { $0 + (work[$1] ?? 0) } }
    }

    private static func summaries(_ ledger: LedgerReader, _ configured: [String]) throws(LedgerError) -> [Summary] {
        var summaries: [String: Summary] = [:]
        for path in configured { summaries[path] = Summary(spool: path) }
        for (spool, work, count) in try ledger.counts() { summaries[spool, default: Summary(spool: spool)].work[work] = count }
        for (spool, verdict, count) in try ledger.verdicts() { summaries[spool, default: Summary(spool: spool)].verdicts[verdict] = count }
        return summaries.values.sorted { $0.spool < $1.spool }
    }

    private static func table(_ summaries: [Summary], _ outbox: Int) -> String {
        var table = TextTable("TO UPLOAD", "AWAITING VERDICT", "HELD", "SUCCEEDED", "FAILED", "SKIPPED", "SPOOL")
        for summary in summaries {
            let good = (summary.verdicts[.succeeded] ?? 0) + (summary.verdicts[.presumed] ?? 0)
            table.add(
                "\(summary.uploading)", "\(summary.waiting)", "\(summary.held)", "\(good)", "\(summary.verdicts[.failed] ?? 0)",
                "\(summary.verdicts[.skipped] ?? 0)", summary.spool)
        }
        var text = table.text + "Settled files are counted for 8 days.\n"
        if outbox > 0 { text += "\(outbox) events are not in the journal yet.\n" }
        if summaries.contains(where: { $0.held > 0 }) { text += "Held files wait for you: kusto-spool tail --failed says why.\n" }
        return text
    }

    private static func json(_ identity: LedgerIdentity, _ summaries: [Summary], _ outbox: Int) -> String {
        var writer = JSONWriter()
        writer.object { object in
            object.field("ledger", identity.uuid)
            object.field("events_waiting", outbox)
            object.key("spools")
            object.array { list in
                for summary in summaries {
                    list.object { spool in
                        spool.field("spool", summary.spool)
                        spool.field("to_upload", summary.uploading)
                        spool.field("awaiting_verdict", summary.waiting)
                        spool.field("held", summary.held)
                        for verdict in Verdict.allCases { spool.field(verdict.description, summary.verdicts[verdict] ?? 0) }
                    }
                }
            }
        }
        writer.newline()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
