/// Text that must not be seen: a token, a password, the query of a SAS.
///
/// It has no description but `<redacted>`, so that interpolation, logging, `dump` and crash reports cannot show it by accident.
/// The one way to the text is `revealed`, which the reader can search for.
package struct Secret: Sendable, Hashable {
    /// The text itself, for the wire only.
    package let revealed: String

    package init(_ text: String) { revealed = text }

    package static let redacted = "<redacted>"
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { Self.redacted }
    package var debugDescription: String { Self.redacted }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
