import NIOCore
import NIOHTTP1

/// Gathers a request, lets the faults decide what becomes of it, and answers it. One for each connection, on its event loop.
final class RequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private struct Current {
        var request: Request
        let route: Route
        var endpoint: Endpoint?
        var fault: FaultAction?
        let keepAlive: Bool
    }

    private let cloud: Cloud
    private let router: Router
    private let secure: Bool
    private let isEngine: Bool
    private var address = ""
    private var current: Current?
    /// The connection has been given up: what still comes is not read.
    private var isDead = false

    init(cloud: Cloud, secure: Bool, isEngine: Bool) {
        self.cloud = cloud
        self.secure = secure
        self.isEngine = isEngine
        router = Router(cloud: cloud)
    }

    func channelActive(context: ChannelHandlerContext) {
        address = context.remoteAddress?.ipAddress ?? ""
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDead else { return }
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head, context)
        case .body(var part):
            if current?.request.body.readableBytes == 0 { current?.request.body = part } else { current?.request.body.writeBuffer(&part) }
        case .end:
            guard let current = current.take() else { return }
            answer(current, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let request = Request(head, address: address, secure: secure)
        let route = Route(request, onEngine: isEngine)
        var current = Current(request: request, route: route, keepAlive: head.isKeepAlive)
        if route.isKnownByHead {
            let endpoint = route.endpoint(request)
            current.endpoint = endpoint
            current.fault = cloud.faults.decide(endpoint, route.storageName)
            if case .resetBefore = current.fault {
                record(request, endpoint, status: 0, isFaulty: true)
                return reset(context.channel)
            }
        }
        if let length = request[header: "Content-Length"].flatMap({ Int($0) }), length > 0 {
            current.request.body = context.channel.allocator.buffer(capacity: min(length, 1 << 28))
        }
        if request[header: "Expect"]?.lowercased() == "100-continue" {
            context.writeAndFlush(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
        }
        self.current = current
    }

    private func answer(_ current: Current, _ context: ChannelHandlerContext) {
        let request = current.request
        let endpoint = current.endpoint ?? current.route.endpoint(request)
        let fault = current.endpoint == nil ? cloud.faults.decide(endpoint, current.route.storageName) : current.fault
        let outcome = FaultOutcome(fault)
        switch outcome.fate {
        case .reset:
            record(request, endpoint, status: 0, isFaulty: true)
            return reset(context.channel)
        case .hang(let limit):
            record(request, endpoint, status: 0, isFaulty: true)
            isDead = true
            let channel = context.channel
            context.eventLoop.scheduleTask(in: TimeAmount(limit)) { channel.close(promise: nil) }
        case .madeUp(let reply):
            let dressing = router.dressing(request)
            let made = reply.reply(dressing, isTable: endpoint.isTable)
            send(endpoint.isStorage ? dressing.dress(made) : made, current, endpoint, outcome, context.channel)
        case .handled:
            // The channel outlives the handler's turn: a reply may come from another thread.
            let channel = context.channel
            outcome.changes.forEach(cloud.apply)
            let sending = Sending(cloud: cloud)
            let watch = outcome.awaitsVerdict ? cloud.log.watch(postedBy: request) : nil
            router.answer(request, current.route) { [cloud] reply in
                let send = { @Sendable in sending.send(reply, request, current.keepAlive, endpoint, outcome, channel) }
                guard let watch else { return send() }
                cloud.hub.whenTrue(deadline: .seconds(30), { cloud.log.isOver(watch) }, then: { _ in send() })
            }
        }
    }

    private func send(_ reply: Reply, _ current: Current, _ endpoint: Endpoint, _ outcome: FaultOutcome, _ channel: any Channel) {
        Sending(cloud: cloud).send(reply, current.request, current.keepAlive, endpoint, outcome, channel)
    }

    private func record(_ request: Request, _ endpoint: Endpoint, status: Int, isFaulty: Bool) {
        Sending(cloud: cloud).record(request, endpoint, status: status, isFaulty: isFaulty)
    }

    private func reset(_ channel: any Channel) {
        isDead = true
        Sending.reset(channel)
    }
}
