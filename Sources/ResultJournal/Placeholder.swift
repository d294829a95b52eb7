enum ResultJournalPlaceholder {}
