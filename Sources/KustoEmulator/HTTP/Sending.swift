import Glibc
import NIOCore

/// What a fault means for the handler: whether the request is acted upon, and how its reply goes out.
struct FaultOutcome: Sendable {
    enum Fate: Sendable {
        case handled
        case madeUp(FaultReply)
        case reset
        case hang(Duration)
    }

    var fate = Fate.handled
    var delivery = Delivery.whole
    var delay = Duration.zero
    var resetsAfterwards = false
    var alteration: ReplyAlteration?
    var awaitsVerdict = false
    var changes: [EmulatorChange] = []
    let isFaulty: Bool

    init(_ action: FaultAction?) {
        isFaulty = action != nil
        switch action {
        case nil: break
        case .reply(let reply): fate = .madeUp(reply)
        case .resetBefore: fate = .reset
        case .resetAfter: resetsAfterwards = true
        case .hang(let limit): fate = .hang(limit)
        case .delay(let duration): delay = duration
        case .truncate(let length): delivery = .truncated(after: length)
        case .trickle(let chunk, let pause): delivery = .trickled(chunk: chunk, pause: pause)
        case .misstateLength(let difference): delivery = .misstated(by: difference)
        case .alter(let alteration): self.alteration = alteration
        case .verdictFirst: awaitsVerdict = true
        case .change(let changes): self.changes = changes
        }
    }
}

/// Sends replies, from any thread, with the latency that the configuration adds to each.
struct Sending: Sendable {
    let cloud: Cloud

    func send(
        _ reply: Reply, _ request: Request, _ keepAlive: Bool, _ endpoint: Endpoint, _ outcome: FaultOutcome, _ channel: any Channel
    ) {
        let reply = outcome.alteration?.apply(reply) ?? reply
        record(request, endpoint, status: outcome.resetsAfterwards ? 0 : reply.status, isFaulty: outcome.isFaulty)
        let work: @Sendable () -> Void = {
            if outcome.resetsAfterwards { return Self.reset(channel) }
            ReplyWriter(channel: channel).write(
                reply, isHead: request.method == "HEAD", keepAlive: keepAlive, delivery: outcome.delivery)
        }
        let delay = endpoint == .administration ? .zero : cloud.settings.now.latency + outcome.delay
        if delay > .zero {
            channel.eventLoop.scheduleTask(in: TimeAmount(delay), work)
        } else if channel.eventLoop.inEventLoop {
            work()
        } else {
            channel.eventLoop.execute(work)
        }
    }

    func record(_ request: Request, _ endpoint: Endpoint, status: Int, isFaulty: Bool) {
        cloud.requests.record(
            RequestLog.Entry(
                time: cloud.clock.now, endpoint: endpoint, method: request.method, path: request.safeTarget, status: status,
                isFaulty: isFaulty, bodyBytes: request.body.readableBytes))
        cloud.hub.changed()
    }

    /// Closes with a reset in place of an orderly end, as a crashed peer or a firewall does.
    static func reset(_ channel: any Channel) {
        guard let options = channel as? any SocketOptionProvider else { return channel.close(promise: nil) }
        options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in channel.close(promise: nil) }
    }
}
