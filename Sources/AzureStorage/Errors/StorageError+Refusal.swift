import HTTPTransport
import SpoolPrimitives

extension StorageError {
    /// Reads a reply whose status is not the one hoped for.
    init(operation: String, refusal response: HTTPResponse) {
        self.operation = operation
        cause = .refused
        status = response.status
        serverDate = response.serverDate
        requestID = response.header("x-ms-request-id")
        retryAfter = Self.retryAfter(response)
        // A HEAD has no body, and a proxy's body is no XML: the header then says it all, or nobody does.
        let error = Self.errorElement(response.body)
        // Tables answer in JSON, but to a bad signature in XML all the same (reference: azure-storage B3).
        let odata = error == nil ? Self.odataError(response.body) : nil
        code = (response.header("x-ms-error-code") ?? error?["Code"]?.text ?? odata?["code"]?.text).flatMap(Self.code)
        message = (error?["Message"]?.text ?? odata?["message"]?["value"]?.text).flatMap(Self.firstLine)
        authenticationFault = (error?["AuthenticationErrorDetail"]?.text).flatMap(AuthenticationFault.init(detail:))
        processing = Self.processing(status: response.status, code: code)
    }

    private static func errorElement(_ body: [UInt8]) -> XMLElement? {
        do throws(XMLFault) {
            let document = try XMLElement(document: body)
            return document.name == "Error" ? document : nil
        } catch {
            return nil
        }
    }

    /// `{"odata.error":{"code":…,"message":{"lang":…,"value":…}}}`.
    private static func odataError(_ body: [UInt8]) -> JSONValue? {
        do throws(JSONError) {
            return try JSONValue(parsing: body)["odata.error"]
        } catch {
            return nil
        }
    }

    /// Whether a refused call may have been carried out (the project's protocol, §3 step 5).
    private static func processing(status: Int, code: StorageErrorCode?) -> HTTPTransportError.Processing {
        switch status {
        case 408: .perhaps
        case 300..<500: .surelyNot
        // Storage refuses before it acts; a 503 of somebody between us and it says nothing about storage.
        case 503 where code == .serverBusy: .surelyNot
        default: .perhaps
        }
    }

    /// Seconds, or a date, which counts from the server's own (RFC 9110 §10.2.3).
    private static func retryAfter(_ response: HTTPResponse) -> Duration? {
        guard let text = response.header("Retry-After") else { return nil }
        if let seconds = Int64(text), seconds >= 0 { return .seconds(min(seconds, 86_400)) }
        guard let date = Timestamp(httpDate: text), let now = response.serverDate else { return nil }
        return min(max(date - now, .zero), .seconds(86_400))
    }

    /// Nil for what cannot be a code, so that nothing else gets into a log by this way.
    private static func code(_ text: String) -> StorageErrorCode? {
        let isCode = (1...80).contains(text.utf8.count) && text.utf8.allSatisfy { $0 < 0x80 && Character(Unicode.Scalar($0)).isASCIIWord }
        return isCode ? StorageErrorCode(rawValue: text) : nil
    }

    /// The service's sentence without the lines RequestId and Time; nothing from where it might quote a query.
    private static func firstLine(_ text: String) -> String? {
        let line = text.prefix { !$0.isNewline }.prefix(300)
        let harmless = line.firstRange(of: "sig=").map { line[..<$0.lowerBound] } ?? line
        return harmless.isEmpty ? nil : String(harmless)
    }
}

extension StorageError.AuthenticationFault {
    /// Recognises Azure's three texts; none of them is kept.
    init?(detail: String) {
        if detail.contains("not valid in the specified time frame") {
            self = .outsideItsTime
        } else if detail.contains("Signature did not match") {
            self = .signatureMismatch
        } else if detail.contains("not well formed") {
            self = .malformed
        } else {
            return nil
        }
    }
}

extension Character {
    fileprivate var isASCIIWord: Bool { isASCII && (isLetter || isNumber || self == "_" || self == ".") }
}
