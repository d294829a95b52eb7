/// Judges the shared access signature of a request, in the order in which Azure Storage judges it: signature, time, protocol, address, rights.
struct SignatureCheck: Sendable {
    /// What a request needs. More than one permission means that any one of them is enough.
    struct Need: Sendable {
        let resource: SignatureLayout.Resource
        var permissions: String
        /// Whether every permission is needed and not any one.
        var needsAll = false
    }

    let account: StorageAccount
    let now: Moment
    let secure: Bool
    let address: String

    func judge(_ query: [String: String], _ need: Need) -> StorageError? {
        guard let signature = query["sig"], query["sv"] != nil else { return .noAuthentication }
        if query["skoid"] != nil { return .authenticationFailed("User delegation signatures are not known here.") }
        if query["si"] != nil { return .authenticationFailed("The stored access policy \(query["si"] ?? "") does not exist.") }
        let isAccount = query["ss"] != nil
        let text = stringToSign(query, need.resource, isAccount: isAccount)
        guard let text else { return .authenticationFailed("Signature fields not well formed.") }
        let bytes = Array(text.utf8)
        let keys = account.keys
        let isCurrent = Digests.base64(Digests.hmacSHA256(key: keys.current, bytes)) == signature
        let isWithdrawn = !isCurrent && keys.withdrawn.contains { Digests.base64(Digests.hmacSHA256(key: $0, bytes)) == signature }
        guard isCurrent || isWithdrawn else {
            return .authenticationFailed("Signature did not match. String to sign used was \(text)")
        }
        return time(query, isWithdrawn: isWithdrawn) ?? guards(query) ?? rights(query, need, isAccount: isAccount)
    }

    private func stringToSign(_ query: [String: String], _ resource: SignatureLayout.Resource, isAccount: Bool) -> String? {
        if isAccount { return SignatureLayout.account(account.name, parameters: query) }
        switch (resource, query["sr"]) {
        case (.queue, nil): return SignatureLayout.service(account: account.name, resource: resource, parameters: query)
        case (.table(let name), nil):
            guard query["tn"]?.lowercased() == name.lowercased() else { return nil }
            return SignatureLayout.service(account: account.name, resource: resource, parameters: query)
        case (.blob(let container, _), "c"):
            return SignatureLayout.service(account: account.name, resource: .container(container), parameters: query)
        case (.blob, "b"), (.container, "c"):
            return SignatureLayout.service(account: account.name, resource: resource, parameters: query)
        default: return nil
        }
    }

    private func time(_ query: [String: String], isWithdrawn: Bool) -> StorageError? {
        let start = query["st"] ?? ""
        let expiry = query["se"] ?? ""
        let frame = "Signature not valid in the specified time frame: Start [\(start)] - Expiry [\(expiry)] - Current [\(now.rfc1123)]"
        guard let ends = Moment(sasTime: expiry) else { return .authenticationFailed("Signature fields not well formed.") }
        if isWithdrawn || ends <= now { return .authenticationFailed(frame) }
        guard !start.isEmpty else { return nil }
        guard let begins = Moment(sasTime: start) else { return .authenticationFailed("Signature fields not well formed.") }
        return begins > now ? .authenticationFailed(frame) : nil
    }

    private func guards(_ query: [String: String]) -> StorageError? {
        if query["spr"] == "https", !secure { return .authorizationProtocolMismatch }
        if let range = query["sip"], !Self.address(address, isIn: range) { return .authorizationSourceIPMismatch }
        return nil
    }

    private func rights(_ query: [String: String], _ need: Need, isAccount: Bool) -> StorageError? {
        if isAccount {
            let (service, type) =
                switch need.resource {
                case .container: ("b", "c")
                case .blob: ("b", "o")
                case .queue: ("q", "o")
                case .table: ("t", "o")
                }
            guard query["ss"]?.contains(service) == true else { return .authorizationServiceMismatch }
            // A queue's or table's own metadata is a container, its messages and entities are objects: either will do here.
            guard query["srt"]?.contains(type) == true else { return .authorizationResourceTypeMismatch }
        }
        let granted = query["sp"] ?? ""
        let isGranted =
            need.needsAll
            ? need.permissions.allSatisfy { granted.contains($0) } : need.permissions.contains { granted.contains($0) }
        return isGranted ? nil : .authorizationPermissionMismatch
    }

    private static func address(_ address: String, isIn range: String) -> Bool {
        let ends = range.split(separator: "-", maxSplits: 1).map { number(String($0)) }
        guard let number = number(address), let first = ends.first ?? nil else { return false }
        guard ends.count == 2 else { return number == first }
        guard let last = ends[1] else { return false }
        return (first...max(first, last)).contains(number)
    }

    private static func number(_ address: String) -> UInt32? {
        let parts = address.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard parts.count == 4 else { return nil }
        return parts.reduce(UInt32?(0)) { total, part in
            guard let total, let part else { return nil }
            return total << 8 | UInt32(part)
        }
    }
}
