import NIOCore

/// One reply, before anything is done to it on the way out.
struct Reply: Sendable {
    var status: Int
    /// The text behind the status; nil means HTTP's own. Storage puts its whole error message there.
    var reason: String?
    var headers: [(name: String, value: String)] = []
    var body = ByteBuffer()
    /// What `Content-Length` says where it is not the body's length: a HEAD reply.
    var announcedLength: Int?

    static func json(_ status: Int, _ value: JSON) -> Reply {
        Reply(status: status, headers: [("Content-Type", "application/json; charset=utf-8")], body: ByteBuffer(bytes: value.encodedBytes))
    }

    static func xml(_ status: Int, _ text: String, mark: Bool) -> Reply {
        // Real storage begins its XML with a byte order mark; a client must pass over it.
        Reply(status: status, headers: [("Content-Type", "application/xml")], body: ByteBuffer(string: (mark ? "\u{FEFF}" : "") + text))
    }

    static func text(_ status: Int, _ text: String, type: String = "text/plain; charset=utf-8") -> Reply {
        Reply(status: status, headers: [("Content-Type", type)], body: ByteBuffer(string: text))
    }

    static func empty(_ status: Int) -> Reply { Reply(status: status) }
}
