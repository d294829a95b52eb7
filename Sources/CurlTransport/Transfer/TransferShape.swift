import HTTPTransport
import SpoolPrimitives

/// What a handle is set up for once: requests of one shape differ in address, head, body and limits only, and a handle goes from one of them to the next
/// with those few settings instead of all.
struct TransferShape: Equatable {
    enum Body {
        /// GET, HEAD or DELETE with nothing behind the head.
        case none
        /// Sent together with the head, for the price of a copy.
        case small
        /// Asked for by libcurl as it goes out.
        case streamed
    }

    let method: HTTPRequest.Method
    let body: Body
    /// Only these go over a proxy.
    let isSecure: Bool
    let acceptsCompression: Bool

    init(_ request: borrowing HTTPRequest) {
        method = request.method
        isSecure = request.url.scheme == "https"
        acceptsCompression = request.acceptsCompression
        switch request.method {
        case .get, .head: body = .none
        case .delete where request.body.isEmpty: body = .none
        case .post, .put, .delete: body = request.body.count < Self.smallBody ? .small : .streamed
        }
    }

    /// Below this size libcurl sends head and body in one piece (http.c, MAX_INITIAL_POST_SIZE).
    private static let smallBody = 64 << 10
}
