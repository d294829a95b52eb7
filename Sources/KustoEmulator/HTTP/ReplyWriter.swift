import NIOCore
import NIOHTTP1

/// How a reply goes out on the wire: as it is, or damaged by a fault.
enum Delivery: Sendable {
    case whole
    /// The status and length of the whole body, that many bytes of it, and the end of the connection.
    case truncated(after: Int)
    /// The whole body under a length that is not its own.
    case misstated(by: Int)
    /// A few bytes at a time.
    case trickled(chunk: Int, pause: Duration)
}

/// Puts replies on a channel. Thread safe, since a channel is.
struct ReplyWriter: Sendable {
    let channel: any Channel

    func write(_ reply: Reply, isHead: Bool, keepAlive: Bool, delivery: Delivery = .whole) {
        let status = HTTPResponseStatus(
            statusCode: reply.status, reasonPhrase: reply.reason ?? HTTPResponseStatus(statusCode: reply.status).reasonPhrase)
        var headers = HTTPHeaders(reply.headers.map { ($0.name, $0.value) })
        let hasBody = reply.status != 204 && reply.status != 304
        var length = reply.announcedLength ?? reply.body.readableBytes
        if case .misstated(let difference) = delivery { length = max(0, length + difference) }
        if hasBody { headers.replaceOrAdd(name: "Content-Length", value: String(length)) }
        if !keepAlive { headers.replaceOrAdd(name: "Connection", value: "close") }
        channel.write(HTTPServerResponsePart.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers)), promise: nil)
        let body = isHead || !hasBody ? ByteBuffer() : reply.body
        switch delivery {
        case .whole, .misstated:
            if body.readableBytes > 0 { channel.write(HTTPServerResponsePart.body(.byteBuffer(body)), promise: nil) }
            finish(keepAlive: keepAlive)
        case .truncated(let length):
            let part = body.getSlice(at: body.readerIndex, length: min(length, body.readableBytes)) ?? ByteBuffer()
            let channel = channel
            channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(part))).whenComplete { _ in channel.close(promise: nil) }
        case .trickled(let chunk, let pause):
            trickle(body, chunk: max(1, chunk), pause: pause, keepAlive: keepAlive)
        }
    }

    private func finish(keepAlive: Bool) {
        let channel = channel
        let written = channel.writeAndFlush(HTTPServerResponsePart.end(nil))
        if !keepAlive { written.whenComplete { _ in channel.close(promise: nil) } }
    }

    private func trickle(_ body: ByteBuffer, chunk: Int, pause: Duration, keepAlive: Bool) {
        var rest = body
        guard let part = rest.readSlice(length: min(chunk, rest.readableBytes)), part.readableBytes > 0 else {
            return finish(keepAlive: keepAlive)
        }
        channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(part)), promise: nil)
        let (writer, left) = (self, rest)
        channel.eventLoop.scheduleTask(in: TimeAmount(pause)) { writer.trickle(left, chunk: chunk, pause: pause, keepAlive: keepAlive) }
    }
}
