package import KustoWire
package import SpoolPrimitives

/// A container, queue or table that the service lent us, until its signature expires.
///
/// One object for all that use it: every file asks for two.
package final class StorageResource: Sendable {
    package let kind: IngestionResourceKind
    package let url: SecretURL
    package let account: StorageAccountKey
    /// `se` of the signature; nil where it has none, as with a stored policy, or one that cannot be read.
    package let expiry: Timestamp?
    /// The same container, queue or table, whatever its signature: the URL without its query.
    package let identity: String

    package init(_ resource: IngestionResource) {
        kind = resource.kind
        url = resource.url
        identity = resource.url.withoutQuery
        account = StorageAccountKey(resource.url)
        expiry = resource.url.queryValue("se").flatMap(Timestamp.init(iso8601:))
    }

    /// Whether the signature holds at an instant of the server's clock. An unknown expiry counts as valid: the service will say.
    package func isValid(at serverTime: Timestamp) -> Bool {
        guard let expiry else { return true }
        return serverTime < expiry
    }
}

extension StorageResource: Hashable {
    package static func == (a: StorageResource, b: StorageResource) -> Bool { a === b || a.kind == b.kind && a.url == b.url }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(kind)
        hasher.combine(url)
    }
}

extension StorageResource: CustomStringConvertible {
    package var description: String { identity }
}

/// What success and throttling are counted by: a storage account.
///
/// The host without the label of the service (`blob`, `queue`), so that an account's containers and queues share one score as in the SDKs, which take the
/// first label. Where a port is written or the host is this machine, as with an emulator, accounts are path-style and the first path segment
/// belongs to the key.
package struct StorageAccountKey: Sendable, Hashable, Comparable {
    package let name: String

    package init(_ url: SecretURL) {
        if url.isLoopback || url.port != nil {
            let account = url.path.split(separator: "/").first ?? ""
            name = "\(url.host):\(url.port ?? (url.scheme == "https" ? 443 : 80))/\(account)"
        } else {
            // One account has a host for each service, acct.blob.… and acct.queue.…, that are to share a score.
            var labels = url.host.split(separator: ".", omittingEmptySubsequences: false)
            if let service = labels.dropFirst().firstIndex(where: { ["blob", "queue", "table", "dfs"].contains($0) }) {
                labels.remove(at: service)
            }
            name = labels.joined(separator: ".")
        }
    }

    package static func < (a: StorageAccountKey, b: StorageAccountKey) -> Bool { a.name < b.name }
}

extension StorageAccountKey: CustomStringConvertible {
    package var description: String { name }
}
