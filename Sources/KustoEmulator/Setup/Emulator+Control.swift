extension Emulator {
    /// Changes settings while the emulator runs.
    package func adjust(_ change: (inout RuntimeSettings) -> Void) { cloud.settings.adjust(change) }

    /// Lets something happen to the cloud, at once.
    package func apply(_ change: EmulatorChange) { cloud.apply(change) }

    /// Stops taking messages from the ingestion queues.
    package func pauseIngestion() { cloud.ingestor?.pause() }

    /// Takes them again, at once and without the batching delay.
    package func resumeIngestion() { cloud.ingestor?.resume() }

    /// Keeps notifications back from now on.
    package func holdNotifications() { cloud.notifications.hold() }

    /// Sends the notifications kept back, and keeps none any more.
    package func releaseNotifications() { cloud.notifications.release() }

    /// Puts a notification of the test's own making into the queue: another client's, a duplicate, one that came late.
    package func injectNotification(_ json: JSON, isFailure: Bool) {
        injectNotification(text: Digests.base64(json.encodedBytes), isFailure: isFailure)
    }

    /// Puts a text as it is into the queue: what no notification looks like.
    package func injectNotification(text: String, isFailure: Bool) { cloud.notifications.send(text: text, isFailure: isFailure) }

    /// Puts so many notifications of other clients' sources into the queues at once, that part of them failures, in percent.
    package func injectForeignNotifications(_ count: Int, failurePercent: Int = 50) {
        cloud.notifications.sendForeign(count, failurePercent: failurePercent)
    }

    /// Makes every signature given out so far an expired one. New ones are good.
    package func expireSignatures() { cloud.storage.all.forEach { $0.expireSignatures() } }

    /// Gives an account another key: signatures given out so far do not match any more.
    package func rotateKey(of account: String) { cloud.storage.account(account)?.rotateKey() }

    /// Adds an account with its containers and queues to the resources, or lists a dropped one again.
    package func addAccount(_ name: String) { cloud.apply(.add(.account(name))) }

    /// Takes an account off the resources. Its containers and queues go on working.
    package func dropAccount(_ name: String) { cloud.apply(.remove(.account(name), from: .snapshot)) }

    /// Takes an account away with all that is in it: every request to it gets a 404.
    package func destroyAccount(_ name: String) {
        cloud.apply(.remove(.account(name), from: .both))
    }

    /// Lists new notification queues in the place of the old ones, which stay readable.
    package func rotateNotificationQueues() { cloud.resources.rotateNotificationQueues() }

    /// Withdraws every bearer that the token endpoint has issued. The static token stays good.
    package func revokeBearerTokens() { cloud.bearers.revokeAll() }

    /// Makes every identity token given out so far a stale one.
    package func revokeIdentityTokens() { cloud.identities.revokeAll() }

    /// Adds a failure to give instead of ingesting.
    package func forceFailure(_ failure: ForcedFailure) { cloud.forced.add(failure) }

    /// Ends all forced failures.
    package func clearForcedFailures() { cloud.forced.clear() }

    /// Removes a blob, as the service's clean-up may.
    @discardableResult
    package func deleteBlob(account: String, container: String, name: String) -> Bool {
        cloud.storage.account(account)?.container(container)?.delete(name) ?? false
    }
}
