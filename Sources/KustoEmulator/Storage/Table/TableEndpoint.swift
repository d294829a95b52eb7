/// The table service, of which the data management service gives out one table for statuses.
///
/// The table is named in the resources, because SDKs want it there; its operations are not there yet and say so.
struct TableEndpoint: Sendable {
    let cloud: Cloud

    static let statusTable = "ingestionsstatus"

    func answer(_ request: Request, account name: String, path: [String]) throws(StorageError) -> Reply {
        guard let account = cloud.storage.account(name) else { throw .resourceNotFound }
        let table = String((path.first ?? "").prefix { $0 != "(" })
        let check = SignatureCheck(account: account, now: cloud.clock.now, secure: request.secure, address: request.address)
        if let error = check.judge(request.query, SignatureCheck.Need(resource: .table(table), permissions: "raud")) { throw error }
        throw .notImplemented
    }
}
