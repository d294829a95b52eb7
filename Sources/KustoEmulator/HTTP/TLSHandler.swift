import COpenSSL
import NIOCore

/// Server-side TLS for one connection: OpenSSL between two memory buffers, the network on one side and the pipeline on the other.
final class TLSHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let context: TLSContext
    private let ssl: OpaquePointer
    private let incoming: OpaquePointer
    private let outgoing: OpaquePointer
    /// What the pipeline wrote before the handshake was done.
    private var waiting: [(bytes: ByteBuffer, promise: EventLoopPromise<Void>?)] = []

    init(_ context: TLSContext) throws {
        guard let ssl = SSL_new(context.context), let incoming = BIO_new(BIO_s_mem()), let outgoing = BIO_new(BIO_s_mem()) else {
            throw TLSContext.Failure(description: "OpenSSL made no connection")
        }
        self.context = context
        self.ssl = ssl
        self.incoming = incoming
        self.outgoing = outgoing
        SSL_set_bio(ssl, incoming, outgoing)
        SSL_set_accept_state(ssl)
    }

    deinit { SSL_free(ssl) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        _ = bytes.withUnsafeReadableBytes { BIO_write(incoming, $0.baseAddress, Int32($0.count)) }
        if SSL_is_init_finished(ssl) == 0 {
            let result = SSL_do_handshake(ssl)
            flushOutgoing(context)
            guard result == 1 else {
                // Anything but a wish for more bytes is the end of it: a plain HTTP client, an unknown authority.
                if SSL_get_error(ssl, result) != SSL_ERROR_WANT_READ { context.close(promise: nil) }
                return
            }
            let waiting = waiting
            self.waiting = []
            for (bytes, promise) in waiting { encrypt(bytes, promise, context) }
            context.flush()
        }
        readDecrypted(context)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let bytes = unwrapOutboundIn(data)
        guard SSL_is_init_finished(ssl) == 1 else { return waiting.append((bytes, promise)) }
        encrypt(bytes, promise, context)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if mode == .all, SSL_is_init_finished(ssl) == 1 {
            _ = SSL_shutdown(ssl)
            flushOutgoing(context)
        }
        context.close(mode: mode, promise: promise)
    }

    private func readDecrypted(_ context: ChannelHandlerContext) {
        while true {
            var buffer = context.channel.allocator.buffer(capacity: 17 * 1024)
            let count = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 17 * 1024) { target in
                max(0, Int(SSL_read(ssl, target.baseAddress, Int32(target.count))))
            }
            guard count > 0 else { break }
            context.fireChannelRead(wrapInboundOut(buffer))
        }
        flushOutgoing(context)
        if SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN != 0 { context.close(promise: nil) }
    }

    private func encrypt(_ bytes: ByteBuffer, _ promise: EventLoopPromise<Void>?, _ context: ChannelHandlerContext) {
        bytes.withUnsafeReadableBytes { source in
            var offset = 0
            while offset < source.count {
                let written = SSL_write(ssl, source.baseAddress?.advanced(by: offset), Int32(min(source.count - offset, 1 << 20)))
                guard written > 0 else { return }
                offset += Int(written)
            }
        }
        context.write(wrapOutboundOut(takeOutgoing(context)), promise: promise)
    }

    private func takeOutgoing(_ context: ChannelHandlerContext) -> ByteBuffer {
        let pending = Int(ksc_bio_pending(outgoing))
        var buffer = context.channel.allocator.buffer(capacity: pending)
        guard pending > 0 else { return buffer }
        _ = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: pending) { target in
            max(0, Int(BIO_read(outgoing, target.baseAddress, Int32(target.count))))
        }
        return buffer
    }

    private func flushOutgoing(_ context: ChannelHandlerContext) {
        guard ksc_bio_pending(outgoing) > 0 else { return }
        context.writeAndFlush(wrapOutboundOut(takeOutgoing(context)), promise: nil)
    }
}
