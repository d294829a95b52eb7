import Dispatch
import Glibc

/// The command line of `kusto-emulator`, as values.
package struct EmulatorOptions: Sendable {
    /// An option that makes no sense.
    package struct Invalid: Error, CustomStringConvertible {
        package let description: String
    }

    private var configuration = EmulatorConfiguration()
    private let portFile: String?
    private let isQuiet: Bool
    private let faultTexts: [String]
    private let clockOffset: String
    private let texts:
        (batchingDelay: String, ingest: String, faultFile: String?, setupFile: String?, tlsCertificate: String?, tlsKey: String?)

    /// The options as they were given.
    package init(
        host: String, port: Int, enginePort: Int, portFile: String?, stateDirectory: String?, tlsCertificate: String?, tlsKey: String?,
        batchingDelay: String,
        ingest: String, accounts: Int, latencyMilliseconds: Int, faultFile: String?, faults: [String] = [],
        setupFile: String?, clockOffset: String = "0s", seed: UInt64, dropsBlobs: Bool, isQuiet: Bool
    ) {
        configuration.host = host
        configuration.port = port
        configuration.enginePort = enginePort
        configuration.stateDirectory = stateDirectory
        configuration.accounts = accounts
        configuration.latency = .milliseconds(latencyMilliseconds)
        configuration.seed = seed
        configuration.dropsIngestedBlobs = dropsBlobs
        // A long run is watched through counts; only the latest messages are kept to look at.
        configuration.messageLogLimit = 10_000
        self.portFile = portFile
        self.isQuiet = isQuiet
        faultTexts = faults
        self.clockOffset = clockOffset
        texts = (batchingDelay, ingest, faultFile, setupFile, tlsCertificate, tlsKey)
    }

    /// The configuration that they make.
    ///
    /// - Throws: `Invalid`, or what is wrong with the fault plan.
    package func resolved() throws -> EmulatorConfiguration {
        var configuration = configuration
        guard let ingestion = EmulatorConfiguration.Ingestion(rawValue: texts.ingest) else {
            throw Invalid(description: "--ingest is rows, count or none, not \(texts.ingest)")
        }
        configuration.ingestion = ingestion
        configuration.batchingDelay = try Self.duration(texts.batchingDelay)
        guard configuration.accounts > 0 else { throw Invalid(description: "--accounts is at least 1") }
        switch (texts.tlsCertificate, texts.tlsKey) {
        case (nil, nil): break
        case (let certificate?, let key?): configuration.tls = EmulatorConfiguration.TLSFiles(certificate: certificate, key: key)
        case (.some, nil), (nil, .some): throw Invalid(description: "--tls-cert and --tls-key go together")
        }
        for document in try (texts.faultFile.map { [try Files.read($0)] } ?? []) + faultTexts.map({ Array($0.utf8) }) {
            let rules = try FaultDocument.read(document)
            configuration.faults += rules.requests
            configuration.notificationFaults += rules.notifications
        }
        configuration.clockOffset = try Self.duration(clockOffset)
        if let file = texts.setupFile { try SetupDocument.apply(try Files.read(file), to: &configuration) }
        return configuration
    }

    /// Runs an emulator until SIGTERM or SIGINT.
    package func run() async throws {
        let signals = TerminationSignals()
        let emulator = try await Emulator.start(try resolved())
        if !isQuiet { Files.print(EmulatorHelp.ready(emulator)) }
        // Written last and whole: whoever waits for this file may connect as soon as it is there.
        if let portFile { try Files.write(Array("\(emulator.port)\n".utf8), to: portFile) }
        await signals.wait()
        await emulator.stop()
    }

    static func duration(_ text: String) throws(Invalid) -> Duration {
        let isNegative = text.hasPrefix("-")
        let digits = text.dropFirst(isNegative ? 1 : 0).prefix { $0.isNumber }
        guard var number = Int(digits) else { throw Invalid(description: "\(text) is no duration: 200ms, 1s, 5min") }
        if isNegative { number.negate() }
        switch text[digits.endIndex...].trimmingPrefix(" ") {
        case "ms": return .milliseconds(number)
        case "s", "": return .seconds(number)
        case "min", "m": return .seconds(60 * number)
        default: throw Invalid(description: "\(text) is no duration: 200ms, 1s, 5min")
        }
    }
}
