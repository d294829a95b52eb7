/// Every way in which spools, ledger and journal can disagree, by name.
package enum DifferenceKind: String, CaseIterable, Sendable {
    // The ledger with itself
    case ledgerDamaged = "ledger_damaged"
    case rowDamaged = "row_damaged"
    case rowMisfiled = "row_misfiled"
    case successorMissing = "successor_missing"
    case spoolNotConfigured = "spool_not_configured"
    case outboxBroken = "outbox_broken"
    // Spools with the ledger
    case spoolUnopenable = "spool_unopenable"
    case ownerMissing = "owner_missing"
    case ownerUnreadable = "owner_unreadable"
    case ownerDiffers = "owner_differs"
    case fileWithoutRow = "file_without_row"
    case fileMissing = "file_missing"
    case fileElsewhere = "file_elsewhere"
    case sizeDiffers = "size_differs"
    case doneMissing = "done_missing"
    case reasonMissing = "reason_missing"
    case reasonWithoutFile = "reason_without_file"
    case markerAside = "marker_aside"
    case claimEmpty = "claim_empty"
    case strangerInActive = "stranger_in_active"
    // The journal with itself and with the ledger
    case journalGone = "journal_gone"
    case journalFlaw = "journal_flaw"
    case journalGap = "journal_gap"
    case journalBehind = "journal_behind"
    case journalAhead = "journal_ahead"
    case verdictOnlyInLedger = "verdict_only_in_ledger"
    case verdictOnlyInJournal = "verdict_only_in_journal"
    case verdictDiffers = "verdict_differs"
}

extension DifferenceKind {
    /// Who puts it right.
    package enum Remedy: String, Sendable {
        /// Nobody has to: it is said, and counts for nothing.
        case note
        /// The daemon does it by itself, at its next start or with its next event.
        case daemon
        /// `fsck --repair` does it.
        case repair
        /// Only a person can know what is right.
        case `operator`
    }

    package var remedy: Remedy {
        switch self {
        case .strangerInActive, .reasonWithoutFile, .journalGap: .note
        case .fileWithoutRow, .fileMissing, .fileElsewhere, .sizeDiffers, .journalGone, .journalBehind: .daemon
        case .ownerMissing, .reasonMissing, .markerAside, .claimEmpty: .repair
        case .ledgerDamaged, .rowDamaged, .rowMisfiled, .successorMissing, .spoolNotConfigured, .outboxBroken, .spoolUnopenable,
            .ownerUnreadable, .ownerDiffers, .doneMissing, .journalFlaw, .journalAhead, .verdictOnlyInLedger, .verdictOnlyInJournal,
            .verdictDiffers:
            .operator
        }
    }

    /// What it means, one sentence.
    package var meaning: String {
        switch self {
        case .ledgerDamaged: "SQLite says that the ledger's file is damaged"
        case .rowDamaged: "A row's columns contradict each other, so that the daemon passes it over"
        case .rowMisfiled: "A row is filed under other work than its state asks for, so that nobody would come back to it"
        case .successorMissing: "A source was superseded by one that the ledger does not have"
        case .spoolNotConfigured: "Files of a spool that the configuration no longer names have no verdict"
        case .outboxBroken: "Events that wait for the journal are not numbered without a gap up to the next one"
        case .spoolUnopenable: "A configured spool or one of its directories cannot be opened"
        case .ownerMissing: "The spool has rows in the ledger and no .spool file that says so"
        case .ownerUnreadable: "The spool's .spool file holds no ledger's UUID"
        case .ownerDiffers: "The spool's .spool file names another ledger"
        case .fileWithoutRow: "A file in .active is in no row: a crash came between its claim and the commit"
        case .fileMissing: "A row's file is neither in .active, where the row has it, nor in done/ or failed/"
        case .fileElsewhere: "A file is at another place than its row says"
        case .sizeDiffers: "A claimed file has another size than its row"
        case .doneMissing: "A file that is to be kept in done/ is not there"
        case .reasonMissing: "A file in failed/ has no reason in failed/.reasons/"
        case .reasonWithoutFile: "A reason in failed/.reasons/ is about a file that is not in failed/"
        case .markerAside: "A marker was put aside, and neither removed nor put back: a crash came between"
        case .claimEmpty: "A claim's directory holds no file, and no row's file is missing from it"
        case .strangerInActive: "Something in .active is not the daemon's"
        case .journalGone: "There is no journal, and the ledger has given events to it"
        case .journalFlaw: "The journal has not every event once, in order and whole"
        case .journalGap: "Lines of the journal were removed by another hand, as a gap line says"
        case .journalBehind: "Events that the ledger has given to the journal are not in it"
        case .journalAhead: "The journal has numbers that the ledger would give again: the ledger was restored from an older copy"
        case .verdictOnlyInLedger: "A source has a verdict that neither the journal nor the outbox tells"
        case .verdictOnlyInJournal: "The journal tells a verdict that the ledger does not have"
        case .verdictDiffers: "Ledger and journal have different verdicts of a source"
        }
    }

    /// What to do, one sentence.
    package var advice: String {
        switch self {
        case .ledgerDamaged:
            "Stop the daemon, keep a copy of the state directory, restore the newest ledger, or start once with 'kusto-spool run --adopt'"
        case .rowDamaged, .successorMissing:
            "Look at the file with 'kusto-spool show'; if it is in .active, move it back into the spool with the daemon stopped"
        case .rowMisfiled: "'kusto-spool retry' or 'settle' ends it; please report it"
        case .spoolNotConfigured: "Name the spool in the configuration again until its files are done"
        case .outboxBroken: "Keep a copy of the state directory; the journal will have a gap line for what is missing"
        case .spoolUnopenable: "The message names the directory: see 'ls -ld' and 'namei -l' for it"
        case .ownerMissing: "'kusto-spool fsck --repair' or the next start writes it"
        case .ownerUnreadable: "Write the ledger's UUID into it, or start once with 'kusto-spool run --adopt'"
        case .ownerDiffers: "Point 'state:' to that ledger, or take the spool over with 'kusto-spool run --adopt' if it is lost"
        case .fileWithoutRow: "The daemon's next start makes its row and ingests it"
        case .fileMissing: "The daemon's next start says 'vanished'; if the file is in a backup, drop it again"
        case .fileElsewhere:
            "With a verdict: the daemon's next start commits where it is. Without: move it back to where its row says, with the daemon stopped"
        case .sizeDiffers:
            "Not posted yet: the daemon holds it, and 'kusto-spool retry' sends it as it is. Posted: it goes to failed/ as 'changed_after_post'"
        case .doneMissing: "Another hand removed it, sooner than 'on_success: { keep: … }' says: its rows are in, and nothing is left to do"
        case .reasonMissing: "'kusto-spool fsck --repair' writes it from the ledger"
        case .reasonWithoutFile: "Remove the reason too, if you removed the file"
        case .markerAside: "'kusto-spool fsck --repair' or the next start puts it back"
        case .claimEmpty: "'kusto-spool fsck --repair' or the next start removes it"
        case .strangerInActive: "The daemon leaves it alone; move it away"
        case .journalGone: "The daemon makes it with its next event, with a gap line for what was in it; look for it in backups"
        case .journalFlaw: "'kusto-spool journal verify' says what to do about each"
        case .journalGap: "Keep logrotate and editors away from the journal, which rotates itself"
        case .journalBehind: "The daemon writes a gap line with its next event; look for the lines in backups"
        case .journalAhead: "Put the newer ledger back, or move ledger.sqlite* away and start once with 'kusto-spool run --adopt'"
        case .verdictOnlyInLedger: "The ledger is right, and 'kusto-spool show' tells it; whoever reads the journal has to be told"
        case .verdictOnlyInJournal, .verdictDiffers:
            "Find out which is right by a query of the table; 'kusto-spool show' tells what the ledger has"
        }
    }
}
