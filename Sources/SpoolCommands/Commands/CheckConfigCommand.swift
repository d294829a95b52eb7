import ArgumentParser
import KustoWire
import SpoolConfiguration

/// `kusto-spool check-config`
struct CheckConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-config", abstract: "Say whether the configuration is right, and what is wrong with it.",
        discussion:
            "Reads the file and its drop-ins and opens nothing else. Every complaint has its file, line and column. --reference prints all keys."
    )

    @OptionGroup var config: ConfigurationOption

    @Flag(help: "Print every key, what it takes and its default, as Markdown.")
    var reference = false

    func run() throws {
        if reference {
            Terminal.put(ConfigurationReference.markdown())
            return
        }
        let loaded = try config.load()
        for warning in loaded.warnings { Terminal.complain(warning.description) }
        var table = TextTable("SPOOL", "INTO", "FORMAT", "MAPPING", "DIRECTORY")
        for spool in loaded.configuration.spools {
            let properties = spool.properties
            table.add(
                spool.name, "\(properties.database).\(properties.table)", properties.format.rawValue, properties.mappingReference ?? "-",
                spool.path)
        }
        Terminal.put("\(config.path) is right: \(loaded.configuration.cluster.endpoint)\n\(table.text)")
    }
}
