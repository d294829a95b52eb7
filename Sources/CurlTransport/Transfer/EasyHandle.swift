import CCurl
import Glibc
import HTTPTransport

/// The settings and results of one transfer in libcurl. Kept and used again for requests of its shape: connections belong to the multi handle, not to it.
///
/// Confined to the loop's thread.
final class EasyHandle {
    let raw: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>
    private var failed = false
    private var origin: String?
    /// The lines of the request's head that are not libcurl's own.
    let head = RequestHead()
    let shape: TransferShape
    /// Those that are set.
    var limits: HTTPLimits?

    /// Nil when there is no memory.
    init?(shape: TransferShape) {
        guard let raw = curl_easy_init() else { return nil }
        self.raw = raw
        self.shape = shape
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText[0] = 0
        attachErrorText()
    }

    deinit {
        curl_easy_cleanup(raw)
        errorText.deallocate()
    }

    /// Forgets the transfer and its secrets: target, head and body. What the shape asks for stays, and the server, which is no secret.
    func forgetTransfer() {
        note(ksc_set_pointer(raw, CURLOPT_REQUEST_TARGET, nil))
        note(ksc_set_pointer(raw, CURLOPT_HTTPHEADER, nil))
        if case .small = shape.body { note(ksc_set_pointer(raw, CURLOPT_COPYPOSTFIELDS, nil)) }
        TransferCallbacks.attach(nil, to: self)
        head.removeAll()
        errorText[0] = 0
    }

    /// Whether every setting was taken.
    var isConfigured: Bool { !failed }

    func set(_ option: CURLoption, _ value: Int) { note(ksc_set_long(raw, option, value)) }
    /// What saves time where libcurl's TLS library knows it.
    func prefer(_ option: CURLoption, _ value: Int) { _ = ksc_set_long(raw, option, value) }
    func set(_ option: CURLoption, _ value: Bool) { note(ksc_set_long(raw, option, value ? 1 : 0)) }
    func set(_ option: CURLoption, _ value: String) { note(ksc_set_string(raw, option, value)) }
    func set(_ option: CURLoption, offset: Int64) { note(ksc_set_offset(raw, option, curl_off_t(offset))) }
    func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer?) { note(ksc_set_pointer(raw, option, pointer)) }
    func set(_ option: CURLoption, callback: ksc_data_callback) { note(ksc_set_data_callback(raw, option, callback)) }
    func setSeek(_ callback: ksc_seek_callback) { note(ksc_set_seek_callback(raw, callback)) }
    func setSocketOptions(_ callback: ksc_sockopt_callback) { note(ksc_set_sockopt_callback(raw, callback)) }
    func setCloseSocket(_ callback: ksc_closesocket_callback) { note(ksc_set_closesocket_callback(raw, callback)) }
    func setPrerequest(_ callback: ksc_prereq_callback) { note(ksc_set_prereq_callback(raw, callback)) }

    /// libcurl keeps a copy: for bodies that are sent together with the head.
    func setBody(copying body: [UInt8]) {
        set(CURLOPT_POSTFIELDSIZE_LARGE, offset: Int64(body.count))
        body.withUnsafeBytes { bytes in
            // An empty body still needs an address, or libcurl would ask the read callback for it.
            if let start = bytes.baseAddress, bytes.count > 0 {
                note(ksc_set_pointer(raw, CURLOPT_COPYPOSTFIELDS, start))
            } else {
                set(CURLOPT_COPYPOSTFIELDS, "")
            }
        }
    }

    /// Which server the request goes to: scheme, host and port.
    func setOrigin(_ origin: String) {
        if origin == self.origin { return }
        set(CURLOPT_URL, origin)
        self.origin = origin
    }

    /// The lines that were added.
    func setHead() { note(ksc_set_pointer(raw, CURLOPT_HTTPHEADER, head.list())) }

    /// Bytes of the head (and of a body sent with it) that were written, all attempts together.
    var requestSize: Int {
        var size = 0
        return ksc_get_long(raw, CURLINFO_REQUEST_SIZE, &size) == CURLE_OK ? size : 1
    }

    /// libcurl's own words on the failure.
    func explanation(of code: CURLcode) -> String {
        errorText[0] == 0 ? String(cString: curl_easy_strerror(code)) : String(cString: errorText)
    }

    var timing: HTTPTiming {
        var timing = HTTPTiming()
        timing.nameResolved = duration(CURLINFO_NAMELOOKUP_TIME_T)
        timing.connected = duration(CURLINFO_CONNECT_TIME_T)
        timing.tlsEstablished = duration(CURLINFO_APPCONNECT_TIME_T)
        timing.firstByte = duration(CURLINFO_STARTTRANSFER_TIME_T)
        timing.total = duration(CURLINFO_TOTAL_TIME_T)
        var opened = 0
        timing.reusedConnection = ksc_get_long(raw, CURLINFO_NUM_CONNECTS, &opened) == CURLE_OK && opened == 0
        return timing
    }

    private func duration(_ phase: CURLINFO) -> Duration {
        var microseconds: curl_off_t = 0
        return ksc_get_offset(raw, phase, &microseconds) == CURLE_OK ? .microseconds(Int64(microseconds)) : .zero
    }

    private func attachErrorText() { note(ksc_set_pointer(raw, CURLOPT_ERRORBUFFER, errorText)) }

    private func note(_ code: CURLcode) {
        if code != CURLE_OK { failed = true }
    }
}
