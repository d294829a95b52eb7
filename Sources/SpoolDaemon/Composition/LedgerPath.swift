/// Where the state directory keeps what.
package enum LedgerPath {
    package static func ledger(inState path: String) -> String { "\(path)/ledger.sqlite" }
}
