import CCurl
import HTTPTransport
import SpoolPrimitives

extension HTTPTransportError {
    /// What a libcurl result means for the sender of the request.
    static func curl(_ code: CURLcode, _ transfer: Transfer, _ easy: EasyHandle) -> HTTPTransportError {
        let reason = Reason(code, transfer)
        return HTTPTransportError(
            reason: reason, processing: transfer.processing(hasFailedToSend: code == CURLE_SEND_ERROR, sentBytes: easy.requestSize),
            operation: transfer.request.operation,
            detail: explanation(code, reason, transfer, easy))
    }

    private static func explanation(_ code: CURLcode, _ reason: Reason, _ transfer: Transfer, _ easy: EasyHandle) -> String {
        let request = transfer.request
        if transfer.isRepeatRefused {
            return
                "the server closed the connection, which had been used before, without an answer; the request was not sent again, since it may have been acted on"
        }
        if reason == .responseTooLarge { return "the response is larger than \(request.limits.responseBody)" }
        var text = easy.explanation(of: code)
        if let query = request.url.query, !query.revealed.isEmpty, text.contains(query.revealed) {
            text = String(cString: curl_easy_strerror(code))
        }
        switch reason {
        case .nameNotResolved: return "\(text); see what this machine makes of the name: getent ahosts \(request.url.host)"
        case .connectionFailed: return "\(text); is the way to \(request.url.origin) open to this machine?"
        case .tlsFailed:
            return
                "\(text) (libcurl \(code.rawValue)); if something between here and \(request.url.host) replaces certificates, name a file (ca_file) that holds its CA, and behind it those of the system where other hosts need them"
        case .timedOut where transfer.attempts == 0: return "\(text); no connection within \(request.limits.connect)"
        case .timedOut, .connectionLost, .responseTooLarge, .malformedResponse, .refusedHere, .cancelled, .other: return text
        }
    }
}

extension HTTPTransportError.Reason {
    fileprivate init(_ code: CURLcode, _ transfer: Transfer) {
        if transfer.isResponseTooLarge {
            self = .responseTooLarge
            return
        }
        self =
            switch code {
            case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .nameNotResolved
            case CURLE_COULDNT_CONNECT, CURLE_INTERFACE_FAILED, CURLE_PROXY: .connectionFailed
            case CURLE_OPERATION_TIMEDOUT: .timedOut
            case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
                CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CRL_BADFILE, CURLE_USE_SSL_FAILED:
                .tlsFailed
            case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_SEND_FAIL_REWIND,
                CURLE_ABORTED_BY_CALLBACK:
                transfer.attempts == 0 ? .connectionFailed : .connectionLost
            case CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING, CURLE_UNSUPPORTED_PROTOCOL: .malformedResponse
            case CURLE_FILESIZE_EXCEEDED: .responseTooLarge
            case CURLE_URL_MALFORMAT: .refusedHere
            default: .other
            }
    }
}
