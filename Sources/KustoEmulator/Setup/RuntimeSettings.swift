import NIOConcurrencyHelpers

/// The part of the configuration that can be changed while the emulator runs. It starts as `EmulatorConfiguration` says.
package struct RuntimeSettings: Sendable {
    /// How long the container signatures that are given out from now on live.
    package var containerSASLifetime: Duration
    /// How long the signatures of queues and tables that are given out from now on live.
    package var queueSASLifetime: Duration
    /// How long the bearers that are issued from now on live.
    package var tokenLifetime: Duration
    /// How long the identity tokens that are given out from now on live.
    package var identityTokenLifetime: Duration
    /// How long the ingestor waits after the first message of a batch.
    package var batchingDelay: Duration
    /// Added to every reply.
    package var latency: Duration
    /// How a source is reported that `ingestIfNotExists` kept out.
    package var skipReport: EmulatorConfiguration.SkipReport
    /// How likely a source does not see a tag that a source of the same batching window brings, in percent.
    package var tagRacePercent: Double

    init(_ configuration: EmulatorConfiguration) {
        containerSASLifetime = configuration.containerSASLifetime
        queueSASLifetime = configuration.queueSASLifetime
        tokenLifetime = configuration.tokenLifetime
        identityTokenLifetime = configuration.identityTokenLifetime
        batchingDelay = configuration.batchingDelay
        latency = configuration.latency
        skipReport = configuration.skipReport
        tagRacePercent = configuration.tagRacePercent
    }
}

extension EmulatorConfiguration {
    /// Changes the part of the configuration that can also be changed later.
    mutating func adjust(_ change: (inout RuntimeSettings) throws -> Void) rethrows {
        var settings = RuntimeSettings(self)
        try change(&settings)
        containerSASLifetime = settings.containerSASLifetime
        queueSASLifetime = settings.queueSASLifetime
        tokenLifetime = settings.tokenLifetime
        identityTokenLifetime = settings.identityTokenLifetime
        batchingDelay = settings.batchingDelay
        latency = settings.latency
        skipReport = settings.skipReport
        tagRacePercent = settings.tagRacePercent
    }
}

/// The settings in force, for whoever reads them at the moment of use.
final class SettingsBox: Sendable {
    private let values: NIOLockedValueBox<RuntimeSettings>

    init(_ configuration: EmulatorConfiguration) { values = NIOLockedValueBox(RuntimeSettings(configuration)) }

    var now: RuntimeSettings { values.withLockedValue { $0 } }

    func adjust(_ change: (inout RuntimeSettings) -> Void) { values.withLockedValue { change(&$0) } }
}
