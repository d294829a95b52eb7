import CCurl
import HTTPTransport
import SpoolPrimitives
import Synchronization

/// One request on its way: what is left to send, what has come back, and who waits.
///
/// Touched by the sending task until `Inbox.start`, and by the loop's thread alone from then on; the mark of cancellation by anybody.
final class Transfer: @unchecked Sendable {
    typealias Outcome = Result<HTTPResponse, HTTPTransportError>

    /// Without its body.
    let request: HTTPRequest
    /// What is sent behind the head.
    private(set) var requestBody: [UInt8]
    let shape: TransferShape
    private let cancelled = Atomic(false)
    var continuation: CheckedContinuation<Outcome, Never>?
    /// Set while the transfer is libcurl's.
    var easy: EasyHandle?

    private var head = ResponseHead()
    private var body: [UInt8] = []
    private var bodySent = 0
    /// How often libcurl was about to write the request to a connection.
    private(set) var attempts = 0
    /// Whether a second writing was stopped, because the first may have had its effect.
    private(set) var isRepeatRefused = false
    private(set) var isResponseTooLarge = false

    init(_ request: consuming HTTPRequest) {
        shape = TransferShape(request)
        requestBody = request.body
        request.body = []
        self.request = request
    }

    /// For any thread: a transfer that was cancelled before it was begun will not be.
    func markCancelled() { cancelled.store(true, ordering: .releasing) }

    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    /// Lets go of the body before the sender hears of the outcome: the sender may then use its memory again.
    func forgetBody() { requestBody = [] }

    func response(timing: HTTPTiming) -> HTTPResponse {
        HTTPResponse(status: head.status ?? 0, fields: head.fields, body: body, timing: timing)
    }

    /// What the server may have done, if the transfer ends here without a response.
    ///
    /// - Parameters:
    ///   - hasFailedToSend: whether it ends because the socket took no more. Only then does the count of bytes say anything: where the first call took
    ///     none for the moment, libcurl sends the head later and does not count it.
    ///   - sentBytes: of the request's head, so far. libcurl counts what the socket has taken: more than the server has seen.
    func processing(hasFailedToSend: Bool, sentBytes: Int) -> HTTPTransportError.Processing {
        if let status = head.status, status >= 200 { return .surely(status: status) }
        return attempts == 0 || (attempts == 1 && hasFailedToSend && sentBytes == 0) ? .surelyNot : .perhaps
    }

    /// The connection stands, and the request is about to be written to it. False stops the transfer.
    ///
    /// libcurl silently repeats a request, POST too, when a connection that it kept open yields not one byte of an answer
    /// (transfer.c, Curl_retry_request): it cannot know whether the server acted before it closed. Only the sender can.
    func willSend() -> Bool {
        if attempts > 0, !request.isRepeatable, easy?.requestSize != 0 {
            isRepeatRefused = true
            return false
        }
        attempts += 1
        return true
    }

    /// Fills libcurl's buffer with the next part of the body.
    func readBody(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, requestBody.count - bodySent)
        guard count > 0 else { return 0 }
        requestBody.withUnsafeBytes { bytes in
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[bodySent..<bodySent + count]))
        }
        bodySent += count
        return count
    }

    /// Begins the body anew, for a repeat on another connection.
    func rewindBody(to offset: Int64) -> Bool {
        guard offset >= 0, offset <= Int64(requestBody.count) else { return false }
        bodySent = Int(offset)
        return true
    }

    /// False stops the transfer.
    func receivedHeader(_ line: UnsafeRawBufferPointer) -> Bool {
        if head.append(line) { return true }
        isResponseTooLarge = true
        return false
    }

    /// Unpacked, where the transfer unpacks. False stops the transfer.
    func receivedBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if Int64(body.count) + Int64(bytes.count) > request.limits.responseBody.bytes {
            isResponseTooLarge = true
            return false
        }
        body.append(contentsOf: bytes)
        return true
    }
}
