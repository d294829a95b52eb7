import ArgumentParser
import KustoEmulator

@main
struct EmulatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kusto-emulator", abstract: EmulatorHelp.abstract, discussion: EmulatorHelp.discussion)

    @Option(help: "The address to listen on.") var host = "127.0.0.1"
    @Option(help: "The port; 0 lets the system choose.") var port = 0
    @Option(help: "The port of the engine's endpoint; 0 lets the system choose.") var enginePort = 0
    @Option(help: "A file that gets the port's number once the emulator listens.") var portFile: String?
    @Option(name: .customLong("state"), help: "A folder that keeps tables and storage over a restart, a kill included.") var stateDirectory:
        String?
    @Option(help: "A certificate (PEM), for TLS.") var tlsCert: String?
    @Option(help: "The certificate's key (PEM).") var tlsKey: String?
    @Option(help: "How long a batch waits for more: 200ms, 1s, 5min.") var batchingDelay = "1s"
    @Option(help: "What becomes of messages: rows, count or none.") var ingest = "rows"
    @Option(help: "How many storage accounts there are.") var accounts = 2
    @Option(help: "Milliseconds added to every reply.") var latency = 0
    @Option(help: "A fault plan (JSON).") var faults: String?
    @Option(help: "One rule of a fault plan, or several, as JSON text; may be given again.") var fault: [String] = []
    @Option(help: "By how much the emulator's clock is wrong: -10min, 90s.") var clockOffset = "0s"
    @Option(help: "Databases, tables, mappings and forced failures (JSON).") var setup: String?
    @Option(help: "The seed of account keys and of faults by chance.") var seed: UInt64 = 1
    @Flag(help: "Remove blobs once their verdict is out.") var dropBlobs = false
    @Flag(help: "Print nothing when ready.") var quiet = false

    func run() async throws {
        let options = EmulatorOptions(
            host: host, port: port, enginePort: enginePort, portFile: portFile, stateDirectory: stateDirectory, tlsCertificate: tlsCert,
            tlsKey: tlsKey,
            batchingDelay: batchingDelay, ingest: ingest, accounts: accounts, latencyMilliseconds: latency, faultFile: faults,
            faults: fault, setupFile: setup, clockOffset: clockOffset, seed: seed,
            dropsBlobs: dropBlobs, isQuiet: quiet)
        do { try await options.run() } catch let error as EmulatorOptions.Invalid { throw ValidationError(error.description) }
    }
}
