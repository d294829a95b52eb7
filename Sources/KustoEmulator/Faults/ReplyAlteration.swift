import NIOCore

/// How a reply that was really given is spoilt on its way. Its length says what is sent, so that only who reads it finds out.
package enum ReplyAlteration: String, Sendable, CaseIterable {
    /// The second half of the body is missing: JSON or XML that ends in the middle.
    case malformed
    /// The status stays, and the body is a page such as a proxy puts in the way.
    case html
    /// A byte order mark stands before the body.
    case byteOrderMark = "bom"
    /// There is no body.
    case emptied
    /// The body is bytes that are no text.
    case binary
    /// The body stays, and its type is another.
    case wrongType = "wrong-type"

    func apply(_ reply: Reply) -> Reply {
        var reply = reply
        func type(_ type: String) {
            reply.headers.removeAll { $0.name.lowercased() == "content-type" }
            reply.headers.append(("Content-Type", type))
        }
        switch self {
        case .malformed: reply.body = reply.body.getSlice(at: reply.body.readerIndex, length: reply.body.readableBytes / 2) ?? ByteBuffer()
        case .html:
            reply.body = ByteBuffer(
                string: "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Accept the terms &amp; go on.</body></html>")
            type("text/html")
        case .byteOrderMark:
            let marked = ByteBuffer(bytes: [0xEF, 0xBB, 0xBF])
            // Some replies wear one already; a second one would be another fault.
            if !reply.body.readableBytesView.starts(with: [0xEF, 0xBB, 0xBF]) {
                var body = marked
                body.writeImmutableBuffer(reply.body)
                reply.body = body
            }
        case .emptied: reply.body = ByteBuffer()
        case .binary: reply.body = ByteBuffer(bytes: (0..<64).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 128) })
        case .wrongType: type("application/octet-stream")
        }
        return reply
    }
}
