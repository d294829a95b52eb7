/// The stand-in for the cloud: Entra's token endpoint, the data management and query endpoints of a Kusto cluster, blob and queue storage,
/// and the ingestor behind them, on one port of this machine.
///
/// It shares no code with the daemon, so that an error in a codec cannot agree with itself.
package final class Emulator: Sendable {
    let cloud: Cloud
    private let server: HTTPServer

    /// Starts an emulator; it listens when this returns.
    ///
    /// - Throws: what the system says about the address, OpenSSL about the certificate, or SQLite about the state folder.
    package static func start(_ configuration: EmulatorConfiguration = EmulatorConfiguration()) async throws -> Emulator {
        let cloud = try Cloud(configuration)
        try SavedState(cloud: cloud).load()
        let server = try await HTTPServer.start(cloud)
        cloud.authority = "\(configuration.host):\(server.port)"
        cloud.engineAuthority = "\(configuration.host):\(server.enginePort)"
        return Emulator(cloud: cloud, server: server)
    }

    private init(cloud: Cloud, server: HTTPServer) {
        self.cloud = cloud
        self.server = server
    }

    /// Closes the port and every connection, ends the batch in hand, and closes the tables. Waits that are still open end with failure.
    package func stop() async {
        await server.stop()
        await cloud.ingestor?.stop()
        cloud.hub.stop()
        do {
            cloud.stateLog.end()
            try cloud.tables.close()
        } catch {
            Files.complain("kusto-emulator: the state could not be kept: \(error)\n")
        }
    }

    /// How the emulator was set up.
    package var configuration: EmulatorConfiguration { cloud.configuration }

    /// The port it listens on.
    package var port: Int { server.port }

    /// The port of the engine.
    package var enginePort: Int { server.enginePort }

    /// The data management endpoint, which is also the query endpoint: `http://127.0.0.1:PORT`.
    package var ingestURI: String { "\(cloud.configuration.tls == nil ? "http" : "https")://\(cloud.authority)" }

    /// The cluster's other endpoint, on a port of its own: it refuses `.get ingestion resources` and names the right one.
    package var engineURI: String { "\(cloud.configuration.tls == nil ? "http" : "https")://\(cloud.engineAuthority)" }

    /// The faults in force and their counts.
    package var faults: FaultPlan { cloud.faults }

    /// The rules about verdicts in force and their counts.
    package var notificationFaults: NotificationPlan { cloud.notificationFaults }

    /// The requests that came.
    package var requests: RequestLog { cloud.requests }

    /// The clock by which signatures, tokens and visibility timeouts are judged.
    package var clock: EmulatorClock { cloud.clock }
}
