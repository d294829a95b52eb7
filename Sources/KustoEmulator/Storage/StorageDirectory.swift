import NIOConcurrencyHelpers

/// The accounts that exist, by name, and the memory of those that did.
final class StorageDirectory: Sendable {
    private struct State {
        var accounts: [String: StorageAccount] = [:]
        var removed: [String: StorageAccount] = [:]
    }

    private let state = NIOLockedValueBox(State())

    func account(_ name: String) -> StorageAccount? { state.withLockedValue { $0.accounts[name] } }

    var all: [StorageAccount] { state.withLockedValue { $0.accounts.values.sorted { $0.name < $1.name } } }

    func add(_ account: StorageAccount) {
        state.withLockedValue { state in
            state.accounts[account.name] = account
            state.removed[account.name] = nil
        }
    }

    func remove(_ name: String) {
        state.withLockedValue { state in
            if let account = state.accounts.removeValue(forKey: name) { state.removed[name] = account }
        }
    }

    /// Signs for an account; for one that is gone too, since a list that is behind goes on handing out its URLs.
    func issuer(_ name: String, version: String) -> SignatureIssuer? {
        state.withLockedValue { $0.accounts[name] ?? $0.removed[name] }?.issuer(version: version)
    }
}
