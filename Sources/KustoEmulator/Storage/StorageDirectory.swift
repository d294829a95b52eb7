import NIOConcurrencyHelpers

/// The accounts that exist, by name.
final class StorageDirectory: Sendable {
    private let accounts = NIOLockedValueBox<[String: StorageAccount]>([:])

    func account(_ name: String) -> StorageAccount? { accounts.withLockedValue { $0[name] } }

    var all: [StorageAccount] { accounts.withLockedValue { $0.values.sorted { $0.name < $1.name } } }

    func add(_ account: StorageAccount) { accounts.withLockedValue { $0[account.name] = account } }

    func remove(_ name: String) { accounts.withLockedValue { $0[name] = nil } }
}
