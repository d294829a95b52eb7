extension StorageError {
    /// What an operator can do, where an operator can.
    var hint: String? {
        if let authenticationFault {
            switch authenticationFault {
            case .outsideItsTime:
                let clock = serverDate.map { "; the service's clock says \($0)" } ?? ""
                return
                    "the signature is not valid at this time\(clock): new ingestion resources are needed, or this machine's clock is wrong"
            case .signatureMismatch: return "the signature does not match: the address was changed on its way here"
            case .malformed: return "the signature is malformed: the address was encoded twice"
            }
        }
        return switch code {
        case .authorizationFailure?: "the account's network rules (firewall, private endpoint) may keep this machine out"
        case .authorizationPermissionMismatch?: "the signature lacks the right for this call"
        case .authorizationProtocolMismatch?: "the signature is for https only"
        case .authorizationSourceIPMismatch?: "the signature is for another source address"
        case .noAuthenticationInformation?, .publicAccessNotPermitted?: "the signature was lost from the address"
        case .accountIsDisabled?: "the storage account is disabled"
        default: nil
        }
    }
}
