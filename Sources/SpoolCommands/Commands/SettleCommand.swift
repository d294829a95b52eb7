import ArgumentParser
import IngestionModel
import Ledger
import SpoolDaemon
import SpoolPrimitives

/// `kusto-spool settle FILE|SOURCE succeeded|failed`
struct SettleCommand: ParsableCommand {
    /// What an operator may say: the verdicts that the service would have given.
    enum Verdict: String, ExpressibleByArgument, CaseIterable {
        case succeeded
        case failed
    }

    static let configuration = CommandConfiguration(
        commandName: "settle", abstract: "Give a file the verdict that the service never gave.",
        discussion: """
            For an unconfirmed, ambiguous, deferred or held file whose fate you know, because you have looked into the table: `succeeded` sends it to \
            done/, `failed` to failed/. The journal says that it was the operator's word. A notification that comes later and says better corrects it.
            """)

    @OptionGroup var config: ConfigurationOption
    @OptionGroup var file: FileArgument
    @Argument(help: "What became of it.") var verdict: Verdict

    func run() throws {
        let (_, ledger) = try config.ledger()
        guard let entry = try file.entries(in: ledger).first else { return }
        let source = entry.source
        switch source.progress.state {
        case .settled(.unconfirmed), .ambiguous, .deferred, .held: try RetryCommand.refuseOneOfMany(entry, "settled")
        case .settled(let verdict):
            throw Terminal.fail(DaemonFailure(.dataError, "\(source.file.relativePath) has its verdict: \(verdict)"))
        case .claimed, .posting, .queued:
            throw Terminal.fail(
                DaemonFailure(
                    .dataError, "\(source.file.relativePath) is on its way (\(source.progress.state)); wait for its verdict or its deadline"
                ))
        case .superseded:
            throw Terminal.fail(DaemonFailure(.dataError, "source \(source.id) was superseded; ask for the file by its name"))
        }
        do throws(LedgerError) {
            try ledger.request(verdict == .succeeded ? .settleSucceeded : .settleFailed, row: source.id.row, at: SystemTime().wallNow)
        } catch {
            throw Terminal.fail(DaemonFailure(error))
        }
        Terminal.put("\(source.fileDescription) is \(verdict.rawValue) as soon as the daemon looks, within 15 s if it runs.\n")
    }
}
