/// The seam to the network: libcurl in the daemon, a fault to simulate in tests.
package protocol HTTPTransport: Sendable {
    /// Sends one request and waits for the whole response, whatever its status is.
    ///
    /// - Throws: when no response could be had. ``HTTPTransportError/processing`` says whether the server may have acted on the request.
    ///   A cancelled task gets ``HTTPTransportError/Reason/cancelled`` soon, with the same honesty about processing.
    func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse
}
