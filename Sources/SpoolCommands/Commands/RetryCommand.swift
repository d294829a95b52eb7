import ArgumentParser
import IngestionModel
import Ledger
import SpoolConfiguration
import SpoolDaemon
import SpoolDirectory
import SpoolPrimitives

/// `kusto-spool retry FILE|SOURCE`
struct RetryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Send a failed, held or unconfirmed file again.",
        discussion: """
            A file in failed/ goes back into the spool's directory, to be claimed as if it were dropped anew. For a held, deferred or unconfirmed one \
            the daemon is asked, which does it within seconds, or at its next start. An unconfirmed file may have been ingested: sending it again may \
            bring its rows twice.
            """)

    @OptionGroup var config: ConfigurationOption
    @OptionGroup var file: FileArgument

    func run() throws {
        let (_, ledger) = try config.ledger()
        // Of several files of that name the newest is meant; the others can be named by their source.
        guard let entry = try file.entries(in: ledger).first else { return }
        let source = entry.source
        switch source.progress.state {
        case .held, .deferred, .settled(.unconfirmed):
            try Self.refuseOneOfMany(entry, "sent again")
            do throws(LedgerError) {
                try ledger.request(.retry, row: source.id.row, at: SystemTime().wallNow)
            } catch {
                throw Terminal.fail(DaemonFailure(error))
            }
            Terminal.put("\(source.fileDescription) is sent again as soon as the daemon looks, within 15 s if it runs.\n")
        case .settled(.failed), .settled(.skipped):
            try returnToRoot(entry)
        case .claimed, .posting, .queued, .ambiguous:
            throw Terminal.fail(
                DaemonFailure(.dataError, "\(source.file.relativePath) is on its way (\(source.progress.state)); there is nothing to retry")
            )
        case .settled(let verdict):
            throw Terminal.fail(
                DaemonFailure(.dataError, "\(source.file.relativePath) has \(verdict); drop it again if its rows are wanted twice"))
        case .superseded:
            throw Terminal.fail(DaemonFailure(.dataError, "source \(source.id) was superseded; ask for the file by its name"))
        }
    }

    /// What is asked for a file is done to its source: where others travel in it, somebody has to mean them too.
    static func refuseOneOfMany(_ entry: LedgerReader.Entry, _ deed: String) throws {
        if entry.companions == 0 { return }
        let source = entry.source
        throw Terminal.fail(
            DaemonFailure(
                .dataError,
                "\(source.file.relativePath) travels with \(entry.companions) other files; they can only be \(deed) together: name their source, \(source.id)"
            ))
    }

    private func returnToRoot(_ entry: LedgerReader.Entry) throws {
        let file = entry.source.file
        guard case .failed(let text) = entry.source.location, let path = RelativePath(displayText: text),
            let name = FileName(displayText: file.name),
            let directory = RelativePath(displayText: file.directory)
        else {
            throw Terminal.fail(DaemonFailure(.dataError, "\(file.relativePath) is not in failed/ yet; try again in a moment"))
        }
        do throws(SpoolError) {
            let spool = try SpoolRoot.openForOperator(path: entry.spool)
            let place = try spool.returnToRoot(path, originally: name, to: directory)
            Terminal.put("\(entry.spool)/\(place) is back in the spool.\n")
        } catch {
            throw Terminal.fail(DaemonFailure(error))
        }
    }
}
