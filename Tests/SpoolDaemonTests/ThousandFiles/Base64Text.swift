import Foundation

/// What a queue message says, by another decoder than the daemon's.
enum Base64Text {
    static func decode(_ text: String) -> String? { Data(base64Encoded: text).map { String(decoding: $0, as: UTF8.self) } }
}
