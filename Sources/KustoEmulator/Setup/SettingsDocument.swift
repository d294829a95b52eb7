/// Reads changes of the settings from JSON, as `--setup` (under `settings`) and `POST /__emulator/settings` take them:
///
///     {"containerSASLifetime": 120, "queueSASLifetime": "5min", "tokenLifetime": 30, "identityTokenLifetime": 60, "batchingDelay": "200ms",
///      "latency": "20ms", "skipReport": "skipped", "tagRacePercent": 100}
///
/// A duration is a number of seconds or a text such as `200ms`, `5s`, `5min`.
enum SettingsDocument {
    static func apply(_ document: JSON, to settings: inout RuntimeSettings) throws {
        guard let members = document.members else { throw SetupDocument.Invalid(description: "settings are a JSON object") }
        for member in members {
            switch member.name {
            case "containerSASLifetime": settings.containerSASLifetime = try duration(member)
            case "queueSASLifetime": settings.queueSASLifetime = try duration(member)
            case "tokenLifetime": settings.tokenLifetime = try duration(member)
            case "identityTokenLifetime": settings.identityTokenLifetime = try duration(member)
            case "batchingDelay": settings.batchingDelay = try duration(member)
            case "latency": settings.latency = try duration(member)
            case "skipReport":
                guard let report = member.value.text.flatMap(EmulatorConfiguration.SkipReport.init) else { throw invalid(member) }
                settings.skipReport = report
            case "tagRacePercent":
                guard let percent = member.value.percent else { throw invalid(member) }
                settings.tagRacePercent = percent
            default: throw SetupDocument.Invalid(description: "\(member.name) is no setting")
            }
        }
    }

    static func duration(_ json: JSON) -> Duration? {
        if case .number(let text) = json, let seconds = Double(text) { return .milliseconds(Int((seconds * 1000).rounded())) }
        return json.text.flatMap { text in
            do throws(EmulatorOptions.Invalid) { return try EmulatorOptions.duration(text) } catch { return nil }
        }
    }

    private static func duration(_ member: JSON.Member) throws -> Duration {
        guard let duration = duration(member.value) else { throw invalid(member) }
        return duration
    }

    private static func invalid(_ member: JSON.Member) -> SetupDocument.Invalid {
        SetupDocument.Invalid(description: "\(member.name) cannot be \(member.value.encoded)")
    }
}

extension JSON {
    /// A number from 0 to 100.
    var percent: Double? {
        guard case .number(let text) = self, let percent = Double(text), (0...100).contains(percent) else { return nil }
        return percent
    }
}
