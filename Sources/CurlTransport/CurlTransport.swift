package import HTTPTransport
import SpoolPrimitives

/// HTTP/1.1 through libcurl: all requests on one thread, connections kept and reused, every phase bounded.
///
/// TLS 1.2 or newer, always verified. Redirects are not followed: a token or a SAS must not travel to a host that nobody chose. Plain http
/// goes to loopback only. A request that is not repeatable (``HTTPRequest/isRepeatable``) is written to the network at most once:
/// <doc:Connections>.
package final class CurlTransport: HTTPTransport {
    private let inbox: Inbox
    private let thread: WorkerThread

    /// Starts the thread.
    ///
    /// - Throws: when the CA file cannot be read or the process is out of descriptors.
    package init(_ configuration: CurlConfiguration = CurlConfiguration()) throws(CurlSetupError) {
        try TransferSettings.check(configuration)
        let inbox = try Inbox()
        let loop = try CurlLoop(configuration, inbox: inbox)
        self.inbox = inbox
        thread = WorkerThread(name: "curl") { loop.run() }
    }

    deinit { close() }

    /// Sends one request and waits for the whole response.
    ///
    /// The thread sends; the caller's task only waits. Cancelling the task takes the request off the network within a turn of the loop.
    ///
    /// - Throws: see ``HTTPTransportError``. A request that the rules above forbid is `refusedHere`, before anything is sent.
    package func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
        try RequestRules.check(request)
        let transfer = Transfer(request)
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                transfer.continuation = continuation
                if !inbox.start(transfer) {
                    continuation.resume(returning: .failure(.notSent(request, .cancelled, "the transport is closed")))
                }
            }
        } onCancel: {
            inbox.cancel(transfer)
        }
        return try outcome.get()
    }

    /// Ends every request in flight as cancelled, closes the connections and waits for the thread. May be called again; blocks for a moment.
    package func close() {
        inbox.close()
        thread.join()
    }
}
