import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix

/// The listening sockets, one of the data management service and one of the engine, and their connections.
final class HTTPServer: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let channels: [any Channel]
    private let connections: Connections

    /// The port of the data management service, of storage and of everything else.
    let port: Int
    /// The port of the engine.
    let enginePort: Int

    static func start(_ cloud: Cloud) async throws -> HTTPServer {
        let configuration = cloud.configuration
        let tls = try configuration.tls.map { try TLSContext($0) }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let connections = Connections()
        do {
            let main = try await listen(cloud, group, connections, tls, port: configuration.port, isEngine: false)
            let engine = try await listen(cloud, group, connections, tls, port: configuration.enginePort, isEngine: true)
            return HTTPServer(group: group, main: main, engine: engine, connections: connections)
        } catch {
            await shutDown(group)
            throw error
        }
    }

    private static func listen(
        _ cloud: Cloud, _ group: MultiThreadedEventLoopGroup, _ connections: Connections, _ tls: TLSContext?, port: Int, isEngine: Bool
    ) async throws -> any Channel {
        try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 16)
            .childChannelOption(.recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 8192, maximum: 1 << 20))
            .childChannelInitializer { channel in
                connections.add(channel)
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(try TLSHandler(tls)) }
                    try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: true, withErrorHandling: true)
                    try pipeline.addHandler(RequestHandler(cloud: cloud, secure: tls != nil, isEngine: isEngine))
                }
            }
            .bind(host: cloud.configuration.host, port: port).get()
    }

    private init(group: MultiThreadedEventLoopGroup, main: any Channel, engine: any Channel, connections: Connections) {
        self.group = group
        self.connections = connections
        channels = [main, engine]
        port = main.localAddress?.port ?? 0
        enginePort = engine.localAddress?.port ?? 0
    }

    /// Closes the sockets and every connection, whatever it is at.
    func stop() async {
        for channel in channels { await channel.closeIfOpen() }
        await connections.closeAll()
        await Self.shutDown(group)
    }

    /// An event loop that is gone already is what is wanted.
    private static func shutDown(_ group: MultiThreadedEventLoopGroup) async {
        do { try await group.shutdownGracefully() } catch {}
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
        for channel in open.withLockedValue({ Array($0.values) }) { await channel.closeIfOpen() }
    }
}

extension Channel {
    /// Closes; a channel that its peer has closed first is closed all the same.
    func closeIfOpen() async {
        do { try await close().get() } catch {}
    }
}
