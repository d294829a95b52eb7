import CCurl
import Glibc
import HTTPTransport
import SpoolPrimitives

/// Turns a request into libcurl's options.
struct TransferSettings {
    private let configuration: CurlConfiguration
    private let sockets: SocketPoll

    init(_ configuration: CurlConfiguration, sockets: SocketPoll) {
        self.configuration = configuration
        self.sockets = sockets
    }

    /// Once a process, before any handle.
    static let initializeLibrary: Void = { _ = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) }()

    /// What a streamed body is handed over in. Allocated while such a transfer runs.
    private static let uploadBuffer = 256 << 10
    /// How old what was read of the authorities' file may be.
    private static let authoritiesKept = Duration.seconds(3600)
    /// Of bytes that one read takes; a longer reply takes several.
    private static let shortReply = 2048

    static func check(_ configuration: CurlConfiguration) throws(CurlSetupError) {
        if let caFile = configuration.caFile, access(caFile, R_OK) != 0 {
            throw CurlSetupError("the CA file \(caFile) cannot be read: \(String(cString: strerror(errno)))")
        }
    }

    /// A handle for requests of that shape; nil when there is no memory.
    func makeHandle(for shape: TransferShape) -> EasyHandle? {
        guard let easy = EasyHandle(shape: shape) else { return nil }
        applyShape(to: easy)
        applySecurity(to: easy)
        TransferCallbacks.install(on: easy, sockets)
        return easy.isConfigured ? easy : nil
    }

    /// Sets what is the transfer's own.
    ///
    /// - Returns: false when an option was not taken. All options used are known to libcurl 7.87, so that means: no memory.
    func apply(to easy: EasyHandle, for transfer: Transfer) -> Bool {
        let request = transfer.request
        // libcurl takes an address to pieces and puts it together again, twice a request: it gets the server's only, and the rest as it is to be sent.
        // That also leaves a signed path as it was signed, dot segments and all.
        easy.setOrigin(request.url.origin)
        easy.set(CURLOPT_REQUEST_TARGET, request.url.target)
        if easy.limits != request.limits {
            applyLimits(to: easy, request)
            easy.limits = request.limits
        }
        switch easy.shape.body {
        case .none: break
        case .small: easy.setBody(copying: transfer.requestBody)
        case .streamed: easy.set(CURLOPT_INFILESIZE_LARGE, offset: Int64(transfer.requestBody.count))
        }
        applyHeaders(to: easy, request)
        TransferCallbacks.attach(transfer, to: easy)
        return easy.isConfigured
    }

    private func applyShape(to easy: EasyHandle) {
        easy.set(CURLOPT_PROTOCOLS_STR, "http,https")
        easy.set(CURLOPT_FOLLOWLOCATION, false)
        easy.set(CURLOPT_DISALLOW_USERNAME_IN_URL, true)
        easy.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        easy.set(CURLOPT_NOSIGNAL, true)
        // A request given up while its host's name is looked up must not wait for the resolver, nor all others with it:
        // with this, libcurl leaves the resolver's thread to end by itself (asyn-thread.c, Curl_resolver_kill).
        easy.set(CURLOPT_QUICK_EXIT, true)
        easy.set(CURLOPT_TCP_KEEPALIVE, true)
        easy.set(CURLOPT_USERAGENT, configuration.userAgent)
        switch configuration.proxy {
        case .environment where easy.shape.isSecure: break
        case .server(let proxy) where easy.shape.isSecure: easy.set(CURLOPT_PROXY, proxy.revealed)
        case .none, .environment, .server: easy.set(CURLOPT_PROXY, "")
        }
        easy.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, true)
        if easy.shape.acceptsCompression { easy.set(CURLOPT_ACCEPT_ENCODING, "gzip, deflate") }
        switch (easy.shape.method, easy.shape.body) {
        case (.get, _): easy.set(CURLOPT_HTTPGET, true)
        case (.head, _): easy.set(CURLOPT_NOBODY, true)
        case (.delete, _), (.post, _), (.put, _):
            easy.set(CURLOPT_CUSTOMREQUEST, easy.shape.method.rawValue)
            // What these are answered with is short, and hundreds of them are on their way at one time.
            easy.set(CURLOPT_BUFFERSIZE, Self.shortReply)
        }
        if case .streamed = easy.shape.body {
            easy.set(CURLOPT_UPLOAD, true)
            easy.set(CURLOPT_UPLOAD_BUFFERSIZE, Self.uploadBuffer)
            // Setting the upload made it a PUT.
            easy.set(CURLOPT_CUSTOMREQUEST, easy.shape.method.rawValue)
        }
        easy.set(CURLOPT_MAXAGE_CONN, max(1, Int(configuration.idleTime.milliseconds / 1000)))
        easy.set(CURLOPT_MAXLIFETIME_CONN, max(1, Int(configuration.connectionLifetime.milliseconds / 1000)))
    }

    private func applySecurity(to easy: EasyHandle) {
        easy.set(CURLOPT_SSL_VERIFYPEER, 1)
        easy.set(CURLOPT_SSL_VERIFYHOST, 2)
        easy.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let caFile = configuration.caFile { easy.set(CURLOPT_CAINFO, caFile) }
        // With a directory beside the file libcurl reads the file anew for each connection: 139 certificates on Debian, which are the directory's as well.
        // And whoever names a file wants no others to be trusted.
        easy.set(CURLOPT_CAPATH, pointer: nil)
        easy.prefer(CURLOPT_CA_CACHE_TIMEOUT, Int(Self.authoritiesKept.milliseconds / 1000))
        // The same for a proxy that speaks TLS itself.
        if let caFile = configuration.caFile { easy.set(CURLOPT_PROXY_CAINFO, caFile) }
        easy.set(CURLOPT_PROXY_CAPATH, pointer: nil)
    }

    private func applyLimits(to easy: EasyHandle, _ request: HTTPRequest) {
        let limits = request.limits
        // Zero would mean libcurl's default, or no limit.
        easy.set(CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(limits.connect.milliseconds)))
        easy.set(CURLOPT_TIMEOUT_MS, max(1, Int(limits.total.milliseconds)))
        easy.set(CURLOPT_LOW_SPEED_LIMIT, max(1, Int(limits.lowSpeed.bytes)))
        easy.set(CURLOPT_LOW_SPEED_TIME, max(1, Int((limits.lowSpeedTime.milliseconds + 999) / 1000)))
        // A HEAD announces a body that does not come.
        if request.method != .head { easy.set(CURLOPT_MAXFILESIZE_LARGE, offset: max(1, limits.responseBody.bytes)) }
    }

    private func applyHeaders(to easy: EasyHandle, _ request: HTTPRequest) {
        // A name with nothing behind the colon keeps libcurl from writing a header of its own: no wait for `100 Continue`, no form type.
        easy.head.add("Expect", ":", "")
        if !request.headers.contains(where: { $0.name.isSameHeaderName(as: "Content-Type") }) {
            easy.head.add("Content-Type", ":", "")
        }
        for header in request.headers {
            // An empty value is written with a semicolon (CURLOPT_HTTPHEADER(3)).
            let text = header.text
            easy.head.add(header.name, text.isEmpty ? ";" : ": ", text)
        }
        easy.setHead()
    }
}
