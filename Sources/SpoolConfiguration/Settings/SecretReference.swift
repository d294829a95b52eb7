/// Where a secret is to be found; the secret itself never stands in the configuration.
package enum SecretReference: Sendable, Hashable {
    /// A file whose content, without the newline at its end, is the secret.
    case file(String)
    /// A file of that name in `$CREDENTIALS_DIRECTORY` (systemd's `LoadCredential=`).
    case credential(String)

    /// Reads `/absolute/path` or `credential:NAME`.
    package init?(_ text: String) {
        if text.hasPrefix("credential:") {
            let name = String(text.dropFirst("credential:".count))
            guard !name.isEmpty, name != ".", name != "..", !name.contains("/"), !name.utf8.contains(0) else { return nil }
            self = .credential(name)
        } else {
            guard let path = AbsolutePath.normalized(text), path != "/" else { return nil }
            self = .file(path)
        }
    }
}

extension SecretReference: CustomStringConvertible {
    package var description: String {
        switch self {
        case .file(let path): path
        case .credential(let name): "credential:\(name)"
        }
    }
}
