import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix

/// The listening socket and its connections.
final class HTTPServer: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let channel: any Channel
    private let connections: Connections

    /// The port that the socket got.
    let port: Int

    static func start(_ cloud: Cloud) async throws -> HTTPServer {
        let configuration = cloud.configuration
        let tls = try configuration.tls.map { try TLSContext($0) }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let connections = Connections()
        do {
            let channel = try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 1024)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelOption(.maxMessagesPerRead, value: 16)
                .childChannelOption(.recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 8192, maximum: 1 << 20))
                .childChannelInitializer { channel in
                    connections.add(channel)
                    return channel.eventLoop.makeCompletedFuture {
                        if let tls { try channel.pipeline.syncOperations.addHandler(try TLSHandler(tls)) }
                        try channel.pipeline.syncOperations.configureHTTPServerPipeline(
                            withPipeliningAssistance: true, withErrorHandling: true)
                        try channel.pipeline.syncOperations.addHandler(RequestHandler(cloud: cloud, secure: tls != nil))
                    }
                }
                .bind(host: configuration.host, port: configuration.port).get()
            return HTTPServer(group: group, channel: channel, connections: connections)
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    private init(group: MultiThreadedEventLoopGroup, channel: any Channel, connections: Connections) {
        self.group = group
        self.channel = channel
        self.connections = connections
        port = channel.localAddress?.port ?? 0
    }

    /// Closes the socket and every connection, whatever it is at.
    func stop() async {
        try? await channel.close().get()
        await connections.closeAll()
        try? await group.shutdownGracefully()
    }
}

/// The connections that are open, so that they can be closed.
final class Connections: Sendable {
    private let open = NIOLockedValueBox<[ObjectIdentifier: any Channel]>([:])

    func add(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        open.withLockedValue { $0[id] = channel }
        channel.closeFuture.whenComplete { [open] _ in open.withLockedValue { $0[id] = nil } }
    }

    func closeAll() async {
        for channel in open.withLockedValue({ Array($0.values) }) { try? await channel.close().get() }
    }
}
