import NIOConcurrencyHelpers

/// What a cloud learns only after it was made.
final class CloudState: Sendable {
    private struct Values {
        var authority = "127.0.0.1"
        var engineAuthority = "127.0.0.1"
        var ingestor: Ingestor?
    }

    private let values = NIOLockedValueBox(Values())

    var authority: String {
        get { values.withLockedValue { $0.authority } }
        set { values.withLockedValue { $0.authority = newValue } }
    }

    var engineAuthority: String {
        get { values.withLockedValue { $0.engineAuthority } }
        set { values.withLockedValue { $0.engineAuthority = newValue } }
    }

    var ingestor: Ingestor? {
        get { values.withLockedValue { $0.ingestor } }
        set { values.withLockedValue { $0.ingestor = newValue } }
    }
}
