import SpoolPrimitives

/// What happened, line by line, with the virtual time: the same seed writes the same bytes.
final class Trace: @unchecked Sendable {  // used on the loop's thread alone
    private(set) var lines: [String] = []
    private let directory: String
    weak var loop: VirtualLoop?

    /// - Parameter directory: whose path is left out of the lines, since it is another each time.
    init(directory: String) { self.directory = directory }

    func add(_ text: @autoclosure () -> String) {
        let time = loop?.monotonicNow.microseconds ?? 0
        let text = text().replacing(directory, with: "")
        lines.append("\(time / 1_000_000).\(String(1_000_000 + time % 1_000_000).dropFirst()) \(text)")
    }
}
