import HTTPTransport
import SpoolPrimitives

/// One call to storage: the headers that every call carries, and its reply sorted into success and ``StorageError``.
struct StorageExchange {
    let transport: any HTTPTransport

    /// Sent always and relied on never: a SAS is served by the rules of its own `sv`, which the service hands out as old as 2018-03-28
    /// (reference: azure-storage B0).
    static let version = "2019-12-12"

    /// As many headers as a call is given here.
    static let headers = 2

    /// - Parameters:
    ///   - version: `x-ms-version`.
    ///   - success: the statuses that mean it.
    func send(
        _ request: consuming HTTPRequest, clientRequestID: ClientRequestID?, version: String = version, success: Int...
    ) async throws(StorageError) -> HTTPResponse {
        request.headers.reserveCapacity(request.headers.count + Self.headers)
        request.headers.append(HTTPHeader("x-ms-version", version))
        if let clientRequestID { request.headers.append(HTTPHeader("x-ms-client-request-id", clientRequestID.text)) }
        let response: HTTPResponse
        do throws(HTTPTransportError) {
            response = try await transport.send(request)
        } catch {
            throw StorageError(transport: error)
        }
        guard success.contains(response.status) else {
            throw StorageError(operation: "\(request.method.rawValue) \(request.url.withoutQuery)", refusal: response)
        }
        return response
    }
}

/// The limits of storage calls.
enum StorageLimits {
    /// For a body of so many bytes: a minute, and what it takes at 128 KiB a second. A transfer that stands still for a minute is given up.
    static func upload(of body: [UInt8]) -> HTTPLimits {
        var limits = HTTPLimits.standard
        limits.total = .seconds(60 + body.count / (128 << 10))
        limits.lowSpeedTime = .seconds(60)
        return limits
    }
}
