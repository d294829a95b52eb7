package import ArgumentParser
import SpoolDaemon

/// `kusto-spool`: the root of all commands.
package struct KustoSpoolCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "kusto-spool",
        abstract: "Ingests files that are dropped into spool directories into Azure Data Explorer (Kusto) and Fabric Eventhouse.",
        discussion: """
            Drop complete files into a spool's directory (best: write them elsewhere on the same file system and rename them in). The daemon \
            uploads each, posts an ingestion message, and waits for the service's own verdict, which it writes into the journal. Then the file \
            is in done/ or, with the reason in failed/.reasons/, in failed/.

              kusto-spool check-config          is the configuration right?
              kusto-spool run                   the daemon (systemd starts it: systemctl start kusto-spool)
              kusto-spool tail -f               what becomes of the files, as it happens
              kusto-spool tail --failed         what failed, and why
              kusto-spool show requests.csv     one file's whole story
              kusto-spool retry requests.csv    send a failed or held file again
              kusto-spool settle x.csv failed   say what became of a file when nobody else does
              kusto-spool journal verify        does the journal have every event once?
              kusto-spool fsck                  do spools, ledger and journal agree?

            Exit codes are those of sysexits.h: 64 usage, 65 no such file, 66 a file is missing, 74 a disk fails, 75 another daemon runs, \
            77 permission, 78 configuration.
            """,
        version: KustoSpoolVersion.current,
        subcommands: [
            RunCommand.self, CheckConfigCommand.self, StatusCommand.self, TailCommand.self, ShowCommand.self, RetryCommand.self,
            SettleCommand.self, JournalCommand.self, FsckCommand.self,
        ])

    package init() {}
}
