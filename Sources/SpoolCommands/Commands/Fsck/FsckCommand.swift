import ArgumentParser
import Glibc
import Ledger
import SpoolConfiguration
import SpoolDaemon
import SpoolPrimitives

/// `kusto-spool fsck`
struct FsckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fsck", abstract: "Compare spools, ledger and journal, and name every difference.",
        discussion: """
            Changes nothing without --repair, and may run beside the daemon: what it finds is looked at twice, since a file on its way is at neither \
            place for a moment. Each difference has a name, what it means and what to do. --repair wants the daemon stopped (75 with its process \
            otherwise) and does what is safe: empty claims are removed, missing reasons written, markers put back. The rest is the daemon's next \
            start's, or yours. Exit code 0 where nothing but notes is left, 65 otherwise.
            """)

    @OptionGroup var config: ConfigurationOption
    @Flag(help: "Put right what can be, with the daemon stopped.") var repair = false
    @Flag(help: "Print one JSON object.") var json = false

    func run() throws {
        let (loaded, ledger) = try config.ledger()
        let check = SystemCheck(configuration: loaded.configuration, ledger: ledger, now: SystemTime().wallNow)
        var report = FsckReport(spools: loaded.configuration.spools.count)
        do {
            if repair {
                let outcome = try SystemRepair(check: check).run()
                report.result = outcome.after
                report.repaired = outcome.repaired
                report.refused = outcome.refused
            } else {
                report.result = check.lookTwice { usleep(Self.pause) }
            }
        } catch {
            throw Terminal.fail(DaemonFailure(error))
        }
        Terminal.put(json ? report.json : report.text)
        if report.result.differences.count > 0 { throw ExitCode(ExitStatus.dataError.rawValue) }
    }

    /// Microseconds: longer than a file is between two places.
    private static let pause: useconds_t = 2_000_000
}
