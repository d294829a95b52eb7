/// The bytes of responses, for scripts.
package enum Reply {
    /// A whole response, with its length.
    package static func bytes(_ status: Int, _ headers: [String] = [], body: String = "") -> [UInt8] {
        bytes(status, headers, body: Array(body.utf8))
    }

    /// As above, with a body of any bytes.
    package static func bytes(_ status: Int, _ headers: [String] = [], body: [UInt8]) -> [UInt8] {
        var head = "HTTP/1.1 \(status) Whatever\r\n"
        for header in headers { head += "\(header)\r\n" }
        if status != 204 { head += "Content-Length: \(body.count)\r\n" }
        return Array((head + "\r\n").utf8) + body
    }
}
