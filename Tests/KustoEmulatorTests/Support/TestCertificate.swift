import COpenSSL
import Glibc

/// A self-signed certificate for 127.0.0.1, made for one test and removed after it.
struct TestCertificate {
    let certificate: String
    let key: String

    static func with(_ body: (TestCertificate) async throws -> Void) async throws {
        var template = Array("/tmp/kusto-emulator-tests.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestConnection.Failure.tls }
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let files = TestCertificate(certificate: "\(folder)/cert.pem", key: "\(folder)/key.pem")
        defer {
            unlink(files.certificate)
            unlink(files.key)
            rmdir(folder)
        }
        try files.make()
        try await body(files)
    }

    private func make() throws {
        let generator = EVP_PKEY_CTX_new_id(EVP_PKEY_ED25519, nil)
        defer { EVP_PKEY_CTX_free(generator) }
        var pair: OpaquePointer?
        guard EVP_PKEY_keygen_init(generator) == 1, EVP_PKEY_keygen(generator, &pair) == 1, let x509 = X509_new() else {
            throw TestConnection.Failure.tls
        }
        defer {
            EVP_PKEY_free(pair)
            X509_free(x509)
        }
        X509_set_version(x509, 2)
        ASN1_INTEGER_set(X509_get_serialNumber(x509), 1)
        X509_gmtime_adj(X509_getm_notBefore(x509), -3600)
        X509_gmtime_adj(X509_getm_notAfter(x509), 86_400)
        X509_set_pubkey(x509, pair)
        let name = X509_get_subject_name(x509)
        X509_NAME_add_entry_by_txt(name, "CN", 0x1000 | 1, "127.0.0.1", -1, -1, 0)
        X509_set_issuer_name(x509, name)
        guard X509_sign(x509, pair, nil) > 0 else { throw TestConnection.Failure.tls }
        let certificateFile = BIO_new_file(certificate, "w")
        PEM_write_bio_X509(certificateFile, x509)
        BIO_free(certificateFile)
        let keyFile = BIO_new_file(key, "w")
        PEM_write_bio_PrivateKey(keyFile, pair, nil, nil, 0, nil, nil)
        BIO_free(keyFile)
    }
}
