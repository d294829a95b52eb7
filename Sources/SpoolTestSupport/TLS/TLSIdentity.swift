/// A certificate for `localhost`, its key, and the authority that signed it: files in a directory of the caller's.
package struct TLSIdentity: Sendable {
    /// PEM.
    package let certificateFile: String
    /// PEM, not encrypted.
    package let keyFile: String
    /// What a client must trust.
    package let authorityFile: String

    /// Makes all of it with openssl(1); valid for a day.
    ///
    /// - Parameters:
    ///   - directory: that exists, and that the caller removes.
    ///   - names: whom the certificate is for, as OpenSSL writes a subjectAltName.
    package init(in directory: String, names: String = "DNS:localhost,IP:127.0.0.1") throws {
        certificateFile = "\(directory)/server.pem"
        keyFile = "\(directory)/server.key"
        authorityFile = "\(directory)/ca.pem"
        let authorityKey = "\(directory)/ca.key"
        let request = "\(directory)/server.csr"
        let extensions = "\(directory)/server.ext"
        try TextFile.write("subjectAltName=\(names)\n", to: extensions)
        try Command.run(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1", "-subj",
            "/CN=kusto-spool test authority", "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=keyCertSign", "-keyout",
            authorityKey, "-out", authorityFile)
        try Command.run(
            "openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost", "-keyout",
            keyFile,
            "-out", request)
        try Command.run(
            "openssl", "x509", "-req", "-in", request, "-CA", authorityFile, "-CAkey", authorityKey, "-CAcreateserial", "-days", "1",
            "-extfile",
            extensions, "-out", certificateFile)
    }
}
