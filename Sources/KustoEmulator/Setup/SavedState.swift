import Foundation
import GRDB
import NIOCore

/// Blobs, messages and identity tokens kept over a clean stop, in `storage.sqlite` of the state folder. Tables have a file of their own.
///
/// A kill loses what came since the start, as an emulator may: what must survive a crash is the daemon's state, and that is tested against this
/// process living on.
struct SavedState: Sendable {
    let path: String

    init(directory: String) throws {
        try Files.makeDirectory(directory)
        path = "\(directory)/storage.sqlite"
    }

    func save(_ cloud: Cloud) throws {
        let database = try DatabaseQueue(path: path)
        try database.write { database in
            try database.execute(
                sql: """
                    DROP TABLE IF EXISTS blobs; DROP TABLE IF EXISTS messages; DROP TABLE IF EXISTS identities;
                    CREATE TABLE blobs (account TEXT, container TEXT, name TEXT, type TEXT, md5 TEXT, created INTEGER, modified INTEGER, bytes BLOB);
                    CREATE TABLE messages (account TEXT, queue TEXT, text TEXT, expires INTEGER);
                    CREATE TABLE identities (token TEXT, expires INTEGER);
                    """)
            for account in cloud.storage.all {
                for container in account.containers {
                    for blob in container.names.compactMap({ container.blob($0) }) {
                        try database.execute(
                            sql: "INSERT INTO blobs VALUES (?, ?, ?, ?, ?, ?, ?, CAST(? AS BLOB))",
                            arguments: [
                                account.name, container.name, blob.name, blob.contentType, blob.md5, blob.created.microseconds,
                                blob.modified.microseconds, Self.value(blob.bytes),
                            ])
                    }
                }
                for queue in account.queues {
                    for message in queue.contents {
                        try database.execute(
                            sql: "INSERT INTO messages VALUES (?, ?, ?, ?)",
                            arguments: [account.name, queue.name, message.text, message.expires?.microseconds])
                    }
                }
            }
            for (token, expires) in cloud.identities.living {
                try database.execute(sql: "INSERT INTO identities VALUES (?, ?)", arguments: [token, expires.microseconds])
            }
        }
        try database.close()
    }

    func load(_ cloud: Cloud) throws {
        let database = try DatabaseQueue(path: path)
        try database.read { database in
            guard try database.tableExists("blobs") else { return }
            for row in try Row.fetchAll(database, sql: "SELECT account, container, name, type, md5, created, modified, bytes FROM blobs") {
                let account = account(row[0], cloud)
                let container = account.container(row[1]) ?? BlobContainer(name: row[1], clock: cloud.clock)
                account.add(container)
                let bytes = try row.withUnsafeData(atIndex: 7) { ByteBuffer(bytes: $0 ?? .init()) }
                container.restore(
                    Blob(
                        name: row[2], blocks: [Blob.Block(id: "", bytes: bytes)], contentType: row[3], md5: row[4], metadata: [],
                        etag: "\"0x8D0\(row[6] as Int64)\"", created: Moment(microseconds: row[5]), modified: Moment(microseconds: row[6])))
            }
            for row in try Row.fetchAll(database, sql: "SELECT account, queue, text, expires FROM messages ORDER BY rowid") {
                let account = account(row[0], cloud)
                let queue = account.queue(row[1]) ?? MessageQueue(name: row[1], clock: cloud.clock)
                account.add(queue)
                let left = (row[3] as Int64?).map { Duration.microseconds($0 - cloud.clock.now.microseconds) }
                queue.put(row[2], lifetime: left)
            }
            let identities = try Row.fetchAll(database, sql: "SELECT token, expires FROM identities")
            cloud.identities.restore(
                Dictionary(identities.map { ($0[0], Moment(microseconds: $0[1])) }, uniquingKeysWith: { first, _ in first }))
        }
        try database.close()
        // Only now: a message must not be looked at before the tokens that it may carry are known again.
        cloud.ingestor?.messageArrived()
    }

    private func account(_ name: String, _ cloud: Cloud) -> StorageAccount {
        if let account = cloud.storage.account(name) { return account }
        let account = StorageAccount(name: name, seed: cloud.configuration.seed)
        cloud.storage.add(account)
        return account
    }

    private static func value(_ bytes: [UInt8]) -> DatabaseValue {
        bytes.withUnsafeBytes { $0.isEmpty ? "".databaseValue : Data($0).databaseValue }
    }
}
