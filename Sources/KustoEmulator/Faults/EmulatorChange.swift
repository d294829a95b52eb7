/// Something that happens to the cloud as a whole: on request, or as a fault at the nth call of an endpoint.
package enum EmulatorChange: Sendable {
    /// A part of storage that the resources may list.
    package enum Resource: Sendable {
        case account(String)
        case container(account: String, name: String)
        /// An ingestion queue or a notification queue, as its name begins with `readyforaggregation-secured`, `failedingestions` or
        /// `successfulingestions`.
        case queue(account: String, name: String)
        /// The status table of the account.
        case table(account: String)
    }

    /// Where a resource is taken from.
    package enum Place: String, Sendable, CaseIterable {
        /// Only the list: it goes on working for whoever knows it.
        case snapshot
        /// Only storage: it is still listed, and every request to it gets a 404.
        case storage
        case both
    }

    /// Settings change.
    case adjust(@Sendable (inout RuntimeSettings) -> Void)
    /// The emulator's clock goes ahead, or back.
    case advanceClock(Duration)
    /// The emulator's clock differs from the system's by that.
    case setClock(offset: Duration)
    /// Every signature given out so far has expired, of one account or of all.
    case expireSignatures(account: String?)
    /// An account gets another key: signatures given out so far do not match any more.
    case rotateKey(account: String)
    /// Every bearer issued so far is withdrawn.
    case revokeBearerTokens
    /// Every identity token given out so far is stale.
    case revokeIdentityTokens
    /// A resource is made if need be, and listed.
    case add(Resource)
    /// A resource is taken away.
    case remove(Resource, from: Place)
    /// New notification queues are listed in the place of the old ones.
    case rotateNotificationQueues
    /// So many notification queues of each kind are listed; verdicts go to any of them. With none they are lost.
    case notificationQueues(Int)
    /// So many notifications of other clients' sources come at once, that part of them failures, in percent.
    case foreignNotifications(Int, failurePercent: Int)
    /// The ingestor stops taking messages, or goes on.
    case ingestion(paused: Bool)
    /// Notifications are kept back, or let go.
    case notifications(held: Bool)
}

extension Cloud {
    func apply(_ change: EmulatorChange) {
        switch change {
        case .adjust(let change): settings.adjust(change)
        case .advanceClock(let duration): clock.advance(by: duration)
        case .setClock(let offset): clock.set(offset: offset)
        case .expireSignatures(let account): storage.all.filter { account == nil || $0.name == account }.forEach { $0.expireSignatures() }
        case .rotateKey(let account): storage.account(account)?.rotateKey()
        case .revokeBearerTokens: bearers.revokeAll()
        case .revokeIdentityTokens: identities.revokeAll()
        case .add(let resource): resources.add(resource)
        case .remove(let resource, let place): resources.remove(resource, from: place)
        case .rotateNotificationQueues: resources.rotateNotificationQueues()
        case .notificationQueues(let count): resources.listNotificationQueues(count)
        case .foreignNotifications(let count, let percent): notifications.sendForeign(count, failurePercent: percent)
        case .ingestion(let paused): if paused { ingestor?.pause() } else { ingestor?.resume() }
        case .notifications(let held): if held { notifications.hold() } else { notifications.release() }
        }
        hub.changed()
    }
}
