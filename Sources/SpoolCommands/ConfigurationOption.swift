import ArgumentParser
import Glibc
import Ledger
import SpoolConfiguration
import SpoolDaemon

/// Which configuration, for every command.
struct ConfigurationOption: ParsableArguments {
    @Option(name: [.customShort("c"), .customLong("config")], help: "The configuration file; drop-ins are read from conf.d/ beside it.")
    var path = "/etc/kusto-spool/kusto-spool.yaml"

    /// The configuration, or the end of the command with every complaint.
    func load() throws -> LoadedConfiguration {
        do throws(ConfigurationError) {
            return try Configuration.load(path: path)
        } catch {
            throw Terminal.fail(DaemonFailure(error))
        }
    }

    /// The ledger that the configuration names, for reading.
    func ledger() throws -> (LoadedConfiguration, LedgerReader) {
        let loaded = try load()
        let path = LedgerPath.ledger(inState: loaded.configuration.state)
        guard access(path, R_OK) == 0 else {
            if errno == ENOENT || errno == ENOTDIR {
                throw Terminal.fail(
                    DaemonFailure(.noInput, "there is no ledger at \(path). Has the daemon ever run? See 'systemctl status kusto-spool'"))
            }
            let cause = String(cString: strerror(errno))
            throw Terminal.fail(
                DaemonFailure(.noPermission, "the ledger \(path) cannot be read: \(cause). Members of the daemon's group may, and root"))
        }
        do throws(LedgerError) {
            return (loaded, try LedgerReader(path: path))
        } catch {
            throw Terminal.fail(DaemonFailure(error))
        }
    }
}
