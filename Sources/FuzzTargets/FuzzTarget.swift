import Glibc

/// A kind of input that others write and we read, and what must hold whatever the bytes are.
///
/// The same functions run under libFuzzer (`make fuzz`) and over the corpus in `Tests/Fuzz/Corpus` in an ordinary test.
package enum FuzzTarget: String, CaseIterable, Sendable {
    case configuration
    case journal
    case management
    case notification
    case sas
    case xml

    /// Reads the bytes; nothing traps and nothing takes long.
    ///
    /// - Returns: the invariant that does not hold, as a sentence; nil when all do.
    package func violation(in bytes: [UInt8]) -> String? {
        do throws(Violation) {
            switch self {
            case .configuration: try ConfigurationInput.check(bytes)
            case .journal: try JournalInput.check(bytes)
            case .management: try ManagementInput.check(bytes)
            case .notification: try NotificationInput.check(bytes)
            case .sas: try SASInput.check(bytes)
            case .xml: try XMLInput.check(bytes)
            }
            return nil
        } catch {
            return error.sentence
        }
    }

    /// For libFuzzer: a violated invariant is a crash.
    package func run(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let violation = violation(in: Array(bytes)) else { return }
        let line = Array("\(rawValue): \(violation)\n".utf8)
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
        abort()
    }
}

/// An invariant that does not hold.
struct Violation: Error {
    var sentence: String
}

/// Says that something must hold.
func expect(_ holds: Bool, _ sentence: @autoclosure () -> String) throws(Violation) {
    if !holds { throw Violation(sentence: sentence()) }
}

/// Says that a text that goes to logs and journals shows no signature, and is no longer than it may be.
func expectPresentable(_ text: String, atMost limit: Int, _ what: String) throws(Violation) {
    try expect(text.utf8.count <= limit, "\(what) has \(text.utf8.count) bytes, more than \(limit)")
    try expect(!Signatures.areShown(in: text), "\(what) shows a signature: \(text)")
}
