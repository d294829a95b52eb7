import NIOConcurrencyHelpers

/// One storage account: its keys, and the containers, queues and tables in it.
final class StorageAccount: Sendable {
    struct Keys: Sendable {
        var current: [UInt8]
        /// Keys whose signatures count as expired: how a test lets every SAS that is out there lapse at once.
        var withdrawn: [[UInt8]] = []
    }

    private struct Contents {
        var keys: Keys
        var containers: [String: BlobContainer] = [:]
        var queues: [String: MessageQueue] = [:]
        /// By lower-cased name: tables are told apart without regard to case.
        var tables: [String: StorageTable] = [:]
    }

    let name: String
    private let seed: UInt64
    private let log: StateLog
    private let contents: NIOLockedValueBox<Contents>

    init(name: String, seed: UInt64, log: StateLog) {
        self.name = name
        self.seed = seed
        self.log = log
        contents = NIOLockedValueBox(Contents(keys: Keys(current: Self.key(name, seed: seed, generation: 0))))
    }

    var keys: Keys { contents.withLockedValue { $0.keys } }

    func container(_ name: String) -> BlobContainer? { contents.withLockedValue { $0.containers[name] } }

    func queue(_ name: String) -> MessageQueue? { contents.withLockedValue { $0.queues[name] } }

    func table(_ name: String) -> StorageTable? { contents.withLockedValue { $0.tables[name.lowercased()] } }

    var containers: [BlobContainer] { contents.withLockedValue { Array($0.containers.values) } }

    var queues: [MessageQueue] { contents.withLockedValue { Array($0.queues.values) } }

    var tables: [StorageTable] { contents.withLockedValue { Array($0.tables.values) } }

    func removeContainer(_ name: String) { contents.withLockedValue { $0.containers[name] = nil } }

    func removeQueue(_ name: String) { contents.withLockedValue { $0.queues[name] = nil } }

    func removeTable(_ name: String) { contents.withLockedValue { $0.tables[name.lowercased()] = nil } }

    func add(_ container: BlobContainer) { contents.withLockedValue { $0.containers[container.name] = container } }

    func add(_ queue: MessageQueue) { contents.withLockedValue { $0.queues[queue.name] = queue } }

    func add(_ table: StorageTable) { contents.withLockedValue { $0.tables[table.name.lowercased()] = table } }

    /// Makes every signature given out so far an expired one.
    func expireSignatures() {
        contents.withLockedValue { contents in
            contents.keys.withdrawn.append(contents.keys.current)
            contents.keys.current = Self.key(name, seed: seed, generation: contents.keys.withdrawn.count)
        }
        log.append(keyRecord)
    }

    /// Replaces the key as an owner would: signatures given out so far no longer match.
    func rotateKey() {
        contents.withLockedValue { contents in
            var random = SystemRandomNumberGenerator()
            contents.keys.current = (0..<64).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        log.append(keyRecord)
    }

    /// Its keys, to be written down.
    var keyRecord: StateRecord {
        let keys = keys
        return StateRecord(
            "keys",
            [
                ("account", .string(name)), ("current", .string(Digests.base64(keys.current))),
                ("withdrawn", .array(keys.withdrawn.map { .string(Digests.base64($0)) })),
            ])
    }

    /// Puts its keys back as they were, after a restart.
    func restore(keys: JSON) {
        guard let current = keys["current"]?.text.flatMap({ Digests.bytes(base64: $0) }) else { return }
        let withdrawn = (keys["withdrawn"]?.elements ?? []).compactMap { $0.text.flatMap { Digests.bytes(base64: $0) } }
        contents.withLockedValue { $0.keys = Keys(current: current, withdrawn: withdrawn) }
    }

    func issuer(version: String) -> SignatureIssuer { SignatureIssuer(account: name, key: keys.current, version: version) }

    /// Derived from the seed, so that URLs given out before a restart go on working after it.
    private static func key(_ name: String, seed: UInt64, generation: Int) -> [UInt8] {
        let half = Digests.hmacSHA256(key: Array("kusto-emulator \(seed) \(generation)".utf8), Array(name.utf8))
        return half + Digests.hmacSHA256(key: half, Array(name.utf8))
    }
}
