import ArgumentParser
import Ledger
import ResultJournal
import SpoolConfiguration
import SpoolDaemon
import SpoolPrimitives

/// `kusto-spool journal verify`
struct JournalVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Say whether the journal has every event once.",
        discussion: """
            Reads the journal and its rotated files, with the daemon running or not: numbers without a gap and in order, all of one ledger, every line \
            whole. Exit code 0 where all is there or a gap line says what is not; 65 with anything else, each with its file and line.
            """)

    @OptionGroup var config: ConfigurationOption
    @Flag(help: "Print one JSON object.") var json = false

    func run() throws {
        let loaded = try config.load()
        let path = loaded.configuration.journal.path
        let report: JournalVerifier.Report
        do throws(JournalError) {
            report = try JournalReader.verify(path: path, journal: ledgerUUID(loaded), patience: .milliseconds(500))
        } catch {
            throw Terminal.fail(DaemonFailure(error))
        }
        if report.files == 0 {
            throw Terminal.fail(DaemonFailure(.noInput, "there is no journal at \(path). Has the daemon ever run?"))
        }
        Terminal.put(json ? Self.json(report, path) : Self.text(report, path))
        if !report.keepsItsPromise { throw ExitCode(ExitStatus.dataError.rawValue) }
    }

    /// Whose journal it has to be. Without a ledger that can be read, the first line tells.
    private func ledgerUUID(_ loaded: LoadedConfiguration) -> String? {
        do throws(LedgerError) {
            return try LedgerReader(path: LedgerPath.ledger(inState: loaded.configuration.state)).identity.uuid
        } catch {
            return nil
        }
    }

    private static func text(_ report: JournalVerifier.Report, _ path: String) -> String {
        let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        var text = ""
        for problem in report.problems { text += "\(directory)\(problem).\n    \(problem.kind.advice).\n" }
        let hidden = report.problemCount - report.problems.count
        if hidden > 0 { text += "And \(hidden) more of the kind.\n" }
        let range = report.firstSeq.flatMap { first in report.lastSeq.map { ", seq \(first) to \($0)" } } ?? ""
        text += "\(path): \(report.lines) lines in \(report.files) file\(report.files == 1 ? "" : "s")\(range): "
        switch (report.problemCount, report.announcedGaps) {
        case (0, _): text += "sound"
        case (let all, let gaps) where all == gaps:
            text += "every event once, but for what \(gaps) gap line\(gaps == 1 ? " says" : "s say")"
        case (let all, let gaps): text += "\(all - gaps) finding\(all - gaps == 1 ? "" : "s")"
        }
        return text + "\n"
    }

    private static func json(_ report: JournalVerifier.Report, _ path: String) -> String {
        var writer = JSONWriter()
        writer.object { object in
            object.field("journal", path)
            object.field("sound", report.keepsItsPromise)
            object.field("files", report.files)
            object.field("lines", report.lines)
            if let first = report.firstSeq { object.field("first_seq", first) }
            if let last = report.lastSeq { object.field("last_seq", last) }
            object.field("announced_gaps", report.announcedGaps)
            object.field("findings", report.problemCount - report.announcedGaps)
            object.key("problems")
            object.array { list in
                for problem in report.problems {
                    list.object { entry in
                        entry.field("file", problem.file)
                        entry.field("line", problem.line)
                        entry.field("kind", problem.kind.name)
                        entry.field("problem", problem.sentence)
                        entry.field("advice", problem.kind.advice)
                    }
                }
            }
        }
        writer.newline()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
