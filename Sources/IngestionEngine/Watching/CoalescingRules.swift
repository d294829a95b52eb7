package import Ledger
package import SpoolPrimitives

/// How files of a route come together in sources: up to so many, so many bytes, and so long a wait for each other.
package struct CoalescingRules: Sendable, Hashable {
    package var maximumFiles: Int
    /// Before compression.
    package var maximumBytes: ByteCount
    /// How long the first complete file of a source waits in its directory for others.
    package var maximumWait: Duration

    package init(maximumFiles: Int = 1000, maximumBytes: ByteCount = .mebibytes(64), maximumWait: Duration = .seconds(5)) {
        self.maximumFiles = maximumFiles
        self.maximumBytes = maximumBytes
        self.maximumWait = maximumWait
    }

    /// A larger file gains nothing by company, and would have to be held in memory to be looked at.
    package static let largestFile = ByteCount.mebibytes(1)

    /// Parts the files of one claim, in their order, into those that travel alone and those that travel together.
    ///
    /// - Parameter largest: that the route takes at all.
    package func part(_ files: [LedgerFile], largest: ByteCount = .gibibytes(6)) -> (alone: [LedgerFile], wholes: [[LedgerFile]]) {
        var alone: [LedgerFile] = []
        var wholes: [[LedgerFile]] = []
        var whole: [LedgerFile] = []
        var bytes: Int64 = 0
        func close() {
            // One file is no company.
            if whole.count > 1 { wholes.append(whole) } else { alone += whole }
            whole = []
            bytes = 0
        }
        for file in files {
            guard mayJoin(file), file.size <= largest.bytes else {
                alone.append(file)
                continue
            }
            if whole.count == maximumFiles || bytes + file.size > maximumBytes.bytes { close() }
            whole.append(file)
            bytes += file.size
        }
        close()
        return (alone, wholes)
    }

    /// By what is known of a file without opening it. An empty one has its own reason, a compressed one its own beginning and end.
    private func mayJoin(_ file: LedgerFile) -> Bool {
        guard file.size > 0, file.size <= min(maximumBytes, Self.largestFile).bytes else { return false }
        let ending = String(decoding: file.name.utf8.suffix(4), as: UTF8.self).lowercased()
        return !ending.hasSuffix(".gz") && ending != ".zip"
    }
}
