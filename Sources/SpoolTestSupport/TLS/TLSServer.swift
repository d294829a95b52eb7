import COpenSSL

/// OpenSSL's side of a server: one context, many connections.
final class TLSServer: @unchecked Sendable {  // SSL_CTX is made for sharing between threads once it is set up
    private let context: OpaquePointer

    init(_ identity: TLSIdentity) {
        guard let context = SSL_CTX_new(TLS_server_method()) else { preconditionFailure("SSL_CTX_new") }
        self.context = context
        precondition(SSL_CTX_use_certificate_chain_file(context, identity.certificateFile) == 1, "no certificate")
        precondition(SSL_CTX_use_PrivateKey_file(context, identity.keyFile, SSL_FILETYPE_PEM) == 1, "no key")
    }

    deinit { SSL_CTX_free(context) }

    /// The handshake; nil when the client breaks it off.
    func accept(_ socket: Int32) -> OpaquePointer? {
        guard let ssl = SSL_new(context) else { return nil }
        SSL_set_fd(ssl, socket)
        if SSL_accept(ssl) == 1 { return ssl }
        SSL_free(ssl)
        return nil
    }
}
