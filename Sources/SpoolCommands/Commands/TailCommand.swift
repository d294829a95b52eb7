import ArgumentParser
import ResultJournal
import SpoolConfiguration
import SpoolDaemon

/// `kusto-spool tail`
struct TailCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail", abstract: "Show the journal: what became of the files.",
        discussion: """
            Without -f the last lines; with it what comes from now on as well, over rotations. The journal itself is NDJSON and can be read with any \
            tool; --json prints its lines as they are.
            """)

    @OptionGroup var config: ConfigurationOption
    @Flag(name: [.short, .long], help: "Go on with what comes.") var follow = false
    @Flag(help: "Only what somebody may have to look at: failed, skipped, unconfirmed, held, duplicated.") var failed = false
    @Flag(help: "Print the journal's own lines.") var json = false
    @Option(name: [.customShort("n"), .long], help: "How many lines to begin with; all: 'all'.") var lines = "10"
    @Option(help: "With -f: end after this many verdicts, those of the first lines included.") var verdicts: Int?

    func validate() throws {
        if lines != "all", Int(lines).map({ $0 >= 0 }) != true { throw ValidationError("--lines takes a number or 'all', not '\(lines)'") }
    }

    func run() throws {
        let path = try config.load().configuration.journal.path
        do throws(JournalError) {
            let reader = try JournalReader(path: path, from: .beginning)
            var seen = try showFirst(reader)
            while follow, verdicts.map({ seen < $0 }) ?? true {
                _ = try reader.wait(atMost: .seconds(3600))
                seen += show(try whole(reader))
            }
        } catch {
            throw Terminal.fail(DaemonFailure(error))
        }
    }

    /// What is in the journal now, but for more than the wanted number of lines at its end.
    private func showFirst(_ reader: JournalReader) throws(JournalError) -> Int {
        let wanted = lines == "all" ? Int.max : Int(lines) ?? 10
        var kept: [JournalLine] = []
        while true {
            let page = try reader.next()
            if page.isEmpty { break }
            kept += page.filter(isWanted)
            if kept.count > wanted { kept.removeFirst(kept.count - wanted) }
        }
        return show(kept)
    }

    private func whole(_ reader: JournalReader) throws(JournalError) -> [JournalLine] {
        var lines: [JournalLine] = []
        while true {
            let page = try reader.next()
            if page.isEmpty { return lines }
            lines += page
        }
    }

    private func isWanted(_ line: JournalLine) -> Bool { !failed || JournalLineRenderer(line)?.isTrouble ?? false }

    /// - Returns: how many of the lines are verdicts.
    private func show(_ lines: [JournalLine]) -> Int {
        var verdicts = 0
        for line in lines where isWanted(line) {
            let renderer = JournalLineRenderer(line)
            Terminal.put(json ? line.text + "\n" : renderer?.text ?? line.text + "\n")
            if renderer?.isVerdict ?? false { verdicts += 1 }
        }
        return verdicts
    }
}
