import HTTPTransport
import SpoolPrimitives

/// What must never be seen outside the wire (P6): every secret of the simulated service begins with one of these.
enum Secrets {
    static let signature = "SIMSIGNATURE"
    static let token = "SIMIDENTITY"
    static let bearer = "SIMBEARER"
    static let needles = [signature, token, bearer, "sig="]
}

extension HTTPHeader {
    /// The value, secret or not: the service sees it.
    var revealed: String {
        switch value {
        case .plain(let text): text
        case .secret(let secret): secret.revealed
        }
    }
}
