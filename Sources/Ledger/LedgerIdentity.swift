package import IngestionModel

/// Who a ledger is. Random once, at its creation; a restored or replaced ledger gets another.
package struct LedgerIdentity: Sendable, Hashable {
    /// Lower-case UUID: what `.spool` of every spool says, and every line of the journal.
    package let uuid: String
    /// The random part of every SourceID.
    package var prefix: SourceID.Prefix
    /// How often a daemon has opened the ledger, this time included.
    package var run: Int32

    package init(uuid: String, prefix: SourceID.Prefix, run: Int32) {
        self.uuid = uuid
        self.prefix = prefix
        self.run = run
        instance = Self.instance(ofLedger: uuid)
    }

    /// The first path segment of every blob's name: tells our blobs from others' in notifications.
    package let instance: String

    package static func instance(ofLedger uuid: String) -> String {
        "ks-" + uuid.filter { $0 != "-" }.prefix(12)
    }
}
