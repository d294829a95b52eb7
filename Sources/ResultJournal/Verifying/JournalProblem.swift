/// Something in a journal that the writer did not put there, or that is missing from it.
package struct JournalProblem: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// No line says that these are missing.
        case missing(from: Int64, to: Int64)
        /// A gap line says that these are missing: known, and still lost.
        case announcedGap(from: Int64, to: Int64)
        /// The number, which is not greater than an earlier line's.
        case outOfOrder(seq: Int64, after: Int64)
        /// Bytes behind the last newline: a crash tore the line, or it is being written now.
        case torn(bytes: Int)
        case notJSON
        /// A JSON object without a number, or without its journal's UUID.
        case noSeq
        /// So many bytes.
        case tooLong(bytes: Int)
        /// A line of another ledger's journal.
        case otherJournal(String)

        /// A name for programs.
        package var name: String {
            switch self {
            case .missing: "missing"
            case .announcedGap: "announced_gap"
            case .outOfOrder: "out_of_order"
            case .torn: "torn"
            case .notJSON: "not_json"
            case .noSeq: "no_seq"
            case .tooLong: "too_long"
            case .otherJournal: "other_journal"
            }
        }

        /// What an operator can do about it.
        package var advice: String {
            switch self {
            case .missing:
                "Another hand removed them, and the daemon did not notice: look for them in backups. 'kusto-spool show' says what became of a file"
            case .announcedGap:
                "Nothing is left to do; keep logrotate and editors away from the journal, which rotates itself"
            case .outOfOrder: "Lines were copied here from an older file, or edited: readers pass them over. Move the copy away"
            case .torn:
                "With the daemon down: its next start cuts them and writes the line again. In a rotated file: they stay, and are passed over"
            case .notJSON, .noSeq, .tooLong:
                "Another program wrote into the journal: readers pass the line over. Find the program and stop it"
            case .otherJournal: "Another ledger's daemon wrote here: give each daemon a 'journal: { path: … }' of its own"
            }
        }
    }

    /// The file's name, without its directory.
    package var file: String
    /// Beginning with 1.
    package var line: Int
    package var kind: Kind

    package init(file: String, line: Int, kind: Kind) {
        self.file = file
        self.line = line
        self.kind = kind
    }
}

extension JournalProblem: CustomStringConvertible {
    package var description: String { "\(file):\(line): \(sentence)" }

    /// What is wrong, without the place.
    package var sentence: String {
        switch kind {
        case .missing(let from, let to): "the lines \(from) to \(to) are missing before this one"
        case .announcedGap(let from, let to): "the lines \(from) to \(to) were removed by another hand, as this line says"
        case .outOfOrder(let seq, let last): "seq \(seq) follows \(last)"
        case .torn(let bytes): "\(bytes) bytes without a newline at the end"
        case .notJSON: "not a JSON object"
        case .noSeq: "no seq, or no journal's UUID"
        case .tooLong(let bytes): "a line of \(bytes) bytes"
        case .otherJournal(let uuid): "a line of the journal \(uuid)"
        }
    }
}
