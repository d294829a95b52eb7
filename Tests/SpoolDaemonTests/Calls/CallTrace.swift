import SpoolTestSupport

/// The durable calls of a process over all its threads, in the order in which they began and ended.
struct CallTrace: Sendable {
    struct Call: Sendable {
        /// `fsync`, `rename` …, as CCallCounter names them.
        var name: String
        var path: String
        /// A rename's target, or the first words of an HTTP request.
        var other: String
        /// Positions in the trace; nil for a call that never ended: left out, or cut off by the end of the process.
        var began: Int
        var ended: Int?
        var succeeded: Bool
    }

    private(set) var calls: [Call] = []

    /// - Throws: for a line that the counter does not write.
    init(_ bytes: [UInt8]) throws {
        var byNumber: [Int: Int] = [:]
        for (position, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
            let words = String(decoding: line, as: UTF8.self).split(separator: " ", maxSplits: 2).map(String.init)
            guard words.count == 3, let number = Int(words[0]) else { throw TestSupportError("not a line of a trace: \(words)") }
            if words[1] == ">" {
                let subject = words[2].split(separator: " ", maxSplits: 1).map(String.init)
                let paths = subject[1].split(separator: " -> ", maxSplits: 1).map(String.init)
                byNumber[number] = calls.count
                calls.append(
                    Call(
                        name: subject[0], path: paths[0], other: paths.count > 1 ? paths[1] : "", began: position, ended: nil,
                        succeeded: false))
            } else if let index = byNumber[number] {
                calls[index].ended = position
                calls[index].succeeded = !words[2].hasPrefix("-")
            }
        }
    }
}

/// Which calls of a trace are meant.
struct CallPattern: Sendable {
    var description: String
    var matches: @Sendable (CallTrace.Call) -> Bool

    init(_ description: String, _ matches: @escaping @Sendable (CallTrace.Call) -> Bool) {
        self.description = description
        self.matches = matches
    }
}
