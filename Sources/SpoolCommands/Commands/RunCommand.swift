import ArgumentParser
import Glibc
import Logging
import SpoolConfiguration
import SpoolDaemon
import SpoolPrimitives

/// `kusto-spool run`
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run the daemon until SIGTERM or SIGINT.",
        discussion: """
            Logs go to standard error. The daemon starts without a network and keeps trying; what it cannot start with is a wrong configuration \
            (78), a missing credential (77), a lock that another daemon holds (75), or a spool of another ledger (78, see --adopt).
            """)

    @OptionGroup var config: ConfigurationOption

    @Flag(
        help: """
            Take over spools that belong to another ledger, after it was lost. Files in their .active directories may have been posted \
            already: they are posted again after a while, and may arrive twice.
            """)
    var adopt = false

    func run() async throws {
        // A peer that closes its connection is an error to handle, not a signal to die of.
        signal(SIGPIPE, SIG_IGN)
        BatchScheduling.adopt()
        let loaded = try config.load()
        for warning in loaded.warnings { Terminal.complain(warning.description) }
        let settings = loaded.configuration.log
        let level = Logger.Level(rawValue: settings.level.rawValue) ?? .notice
        let format: StandardErrorHandler.Format = settings.format == .json ? .json : .text
        let logger = Logger(label: "kusto-spool") { _ in StandardErrorHandler(level: level, format: format) }
        do throws(DaemonFailure) {
            try await Daemon(loaded.configuration, adopts: adopt, logger: logger).run()
        } catch {
            throw Terminal.fail(error)
        }
    }
}
