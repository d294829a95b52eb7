import ArgumentParser

/// `kusto-spool journal`
struct JournalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journal", abstract: "Look after the journal.", subcommands: [JournalVerifyCommand.self])
}
