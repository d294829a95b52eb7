import COpenSSL

/// OpenSSL's context of a server: a certificate, its key, TLS 1.2 and later.
final class TLSContext: @unchecked Sendable {  // an SSL_CTX is thread safe once it is set up, and it is not changed after init
    /// What OpenSSL found wrong.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let context: OpaquePointer

    init(_ files: EmulatorConfiguration.TLSFiles) throws(Failure) {
        guard let context = SSL_CTX_new(TLS_server_method()) else { throw Failure(description: "OpenSSL made no context") }
        self.context = context
        _ = ksc_ssl_ctx_require_tls12(context)
        guard SSL_CTX_use_certificate_chain_file(context, files.certificate) == 1 else {
            throw Failure(description: "OpenSSL cannot use the certificate \(files.certificate)")
        }
        guard SSL_CTX_use_PrivateKey_file(context, files.key, SSL_FILETYPE_PEM) == 1, SSL_CTX_check_private_key(context) == 1 else {
            throw Failure(description: "OpenSSL cannot use the key \(files.key) with that certificate")
        }
    }

    deinit { SSL_CTX_free(context) }
}
