import OpenSSLCrypto

/// A name for one call, which the service writes into its own logs and echoes: what a support case asks for.
package struct ClientRequestID: Sendable, Hashable, CustomStringConvertible {
    /// What is sent.
    package let text: String

    /// - Parameter text: visible ASCII, at most 1 KiB; a transport refuses anything else.
    package init(_ text: String) { self.text = text }

    /// A random UUID.
    package static func random() -> ClientRequestID {
        var bytes = RandomBytes.make(16)
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        var text = ""
        for (index, byte) in bytes.enumerated() {
            if index == 4 || index == 6 || index == 8 || index == 10 { text += "-" }
            text += byte < 16 ? "0" : ""
            text += String(byte, radix: 16)
        }
        return ClientRequestID(text)
    }

    package var description: String { text }
}
