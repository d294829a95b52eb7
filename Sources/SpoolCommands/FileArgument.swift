import ArgumentParser
import IngestionModel
import Ledger
import SpoolDaemon

/// `FILE|SOURCE`: a file by its name or path, or a source by its id.
struct FileArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("A file's name or path, as dropped or as it is now, or a source's id.", valueName: "file|source"))
    var text: String

    /// What the ledger knows of it, newest first; the end of the command when that is nothing.
    func entries(in ledger: LedgerReader) throws -> [LedgerReader.Entry] {
        do throws(LedgerError) {
            let entries: [LedgerReader.Entry]
            if let id = SourceID(text) {
                entries = id.prefix == ledger.identity.prefix ? try ledger.find(row: id.row).map { [$0] } ?? [] : []
            } else {
                entries = try ledger.find(file: text)
            }
            if !entries.isEmpty { return entries }
        } catch {
            throw Terminal.fail(DaemonFailure(error))
        }
        throw Terminal.fail(
            DaemonFailure(
                .dataError,
                "the ledger knows no file or source '\(text)'. It remembers files for 8 days after they are settled; a file that is still in the spool's directory has not been claimed yet"
            ))
    }
}
