/// Checks a journal line by line; pure: the caller brings the bytes, file after file in order.
package struct JournalVerifier: Sendable {
    /// What was found. The first 1,000 problems are kept, all are counted.
    package struct Report: Sendable, Equatable {
        package var lines = 0
        package var firstSeq: Int64?
        package var lastSeq: Int64?
        package var problems: [JournalProblem] = []
        package var problemCount = 0
        /// How many of the problems are gap lines: losses that the journal owns up to.
        package var announcedGaps = 0
        /// How many files were read.
        package var files = 0

        /// Whether every number from `firstSeq` to `lastSeq` is there once, in order, and nothing else.
        package var isSound: Bool { problemCount == 0 }
        /// The same, but for lines that are missing by the journal's own word.
        package var keepsItsPromise: Bool { problemCount == announcedGaps }
    }

    package private(set) var report = Report()
    private var journal: String?
    private var file = ""
    private var line = 0
    private var splitter = LineSplitter(maximumLength: JournalFormat.maximumLineLength)

    /// - Parameter journal: the UUID that lines must have; nil takes the first line's.
    package init(journal: String? = nil) { self.journal = journal }

    /// What follows is of this file.
    package mutating func begin(file name: String) {
        finishFile()
        file = name
        line = 0
        report.files += 1
    }

    /// The file's next bytes, cut anywhere.
    package mutating func take(_ bytes: [UInt8]) {
        for piece in splitter.split(bytes) {
            line += 1
            report.lines += 1
            switch piece {
            case .tooLong(let count): note(.tooLong(bytes: count))
            case .line(let bytes):
                guard let fields = LineFields(bytes) else {
                    note(.notJSON)
                    continue
                }
                take(fields)
            }
        }
    }

    /// Whether what was taken last ends in the middle of a line.
    var isInLine: Bool { splitter.partialLength > 0 }

    /// The last file's end was seen.
    package mutating func finish() -> Report {
        finishFile()
        return report
    }

    private mutating func finishFile() {
        let torn = splitter.partialLength
        splitter = LineSplitter(maximumLength: JournalFormat.maximumLineLength)
        guard torn > 0 else { return }
        line += 1
        note(.torn(bytes: torn))
    }

    private mutating func take(_ fields: LineFields) {
        guard let found = fields.journal, let first = fields.firstSeq, let last = fields.lastSeq else { return note(.noSeq) }
        // A UUID has 36 characters; whatever another hand put there instead, a thousand of them must fit into memory.
        if let journal, found != journal { return note(.otherJournal(found.count > 36 ? found.prefix(36) + "…" : found)) }
        journal = found
        if let previous = report.lastSeq {
            if first <= previous { return note(.outOfOrder(seq: first, after: previous)) }
            if first > previous + 1 { note(.missing(from: previous + 1, to: first - 1)) }
        } else {
            report.firstSeq = first
        }
        if let gap = fields.gap { note(.announcedGap(from: gap.lowerBound, to: gap.upperBound)) }
        report.lastSeq = last
    }

    private mutating func note(_ kind: JournalProblem.Kind) {
        report.problemCount += 1
        if case .announcedGap = kind { report.announcedGaps += 1 }
        if report.problems.count < 1000 { report.problems.append(JournalProblem(file: file, line: line, kind: kind)) }
    }
}
