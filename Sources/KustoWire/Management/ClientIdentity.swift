/// What the daemon calls itself towards the service, in headers and in every ingestion message. Telemetry only.
package struct ClientIdentity: Sendable, Hashable {
    /// `x-ms-app`, `ApplicationForTracing`.
    package let application: String
    /// `x-ms-client-version`, `ClientVersionForTracing`; in the SDKs' syntax, `Name:{version}` joined by `|`.
    package let clientVersion: String

    /// - Parameters:
    ///   - application: `kusto-spool`, or with the instance's name behind it.
    ///   - version: of this program.
    package init(application: String, version: String) {
        self.application = Self.ascii(application)
        clientVersion = "KustoSpool:{\(Self.field(version))}"
    }

    /// The value of a tracing field: runs of space, braces and bars become `_`; nothing is `[none]` (§1.3).
    private static func field(_ text: String) -> String {
        var field = ""
        for character in ascii(text) {
            if character.isWhitespace || "{}|".contains(character) {
                if field.last != "_" { field.append("_") }
            } else {
                field.append(character)
            }
        }
        return field.isEmpty ? "[none]" : field
    }

    /// A header's value may not be anything but printable ASCII; all SDKs write `?` for the rest (§1.3).
    static func ascii(_ text: String) -> String {
        String(text.unicodeScalars.map { (0x20...0x7E).contains($0.value) ? Character($0) : "?" })
    }
}
