/// Writes service SAS query strings, in the form that the data management service hands out.
package struct SignatureIssuer: Sendable {
    /// The account's name, as it stands in the canonical resource.
    package let account: String
    /// The account's key, decoded.
    package let key: [UInt8]
    /// `sv`: the version, which also decides what is signed.
    package let version: String

    /// An issuer for one account and key.
    package init(account: String, key: [UInt8], version: String) {
        self.account = account
        self.key = key
        self.version = version
    }

    /// The query string of a SAS for the resource.
    ///
    /// - Parameters:
    ///   - starting: `st`; left out when nil.
    ///   - protocols: `spr`, `https` or `https,http`; left out when nil.
    package func query(
        for resource: SignatureLayout.Resource, permissions: String, starting: Moment?, expiring: Moment, protocols: String?
    ) -> String {
        var parameters = ["sv": version, "se": expiring.secondsText, "sp": permissions]
        parameters["st"] = starting?.secondsText
        parameters["spr"] = protocols
        switch resource {
        case .container: parameters["sr"] = "c"
        case .blob: parameters["sr"] = "b"
        case .table(let name): parameters["tn"] = name
        case .queue: break
        }
        let text = SignatureLayout.service(account: account, resource: resource, parameters: parameters)
        parameters["sig"] = SignatureLayout.sign(text, key: key)
        return ["sv", "tn", "st", "se", "sr", "sp", "spr", "sig"].compactMap { name in
            parameters[name].map { "\(name)=\(PercentCoding.encode($0))" }
        }.joined(separator: "&")
    }
}
