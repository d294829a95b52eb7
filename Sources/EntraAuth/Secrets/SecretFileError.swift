import Glibc
import SpoolPrimitives

/// Why a secret cannot be had from its file.
package enum SecretFileError: Error, Sendable, Hashable, CustomStringConvertible {
    case notAReference(String)
    case noCredentialsDirectory(String)
    /// With the system's number.
    case unreadable(String, Int32)
    case notAFile(String)
    case tooLarge(String)
    case notText(String)
    case empty(String)

    package var description: String {
        switch self {
        case .notAReference: "a secret is named by an absolute path or by credential:NAME, never given itself"
        case .noCredentialsDirectory(let name):
            "credential:\(name): $CREDENTIALS_DIRECTORY is not set; add LoadCredential=\(name):/path to the service, and let systemd start it"
        case .unreadable(let path, let number): "\(path): \(String(cString: strerror(number)))"
        case .notAFile(let path): "\(path): not a regular file"
        case .tooLarge(let path): "\(path): longer than \(ByteCount(SecretFile.largest)), which no secret is"
        case .notText(let path): "\(path): not UTF-8 text"
        case .empty(let path): "\(path): empty"
        }
    }
}

/// What is wrong with a file that was read all the same.
package enum SecretFileWarning: Sendable, Hashable, CustomStringConvertible {
    case readableByOthers(String, mode: UInt32)

    package var description: String {
        switch self {
        case .readableByOthers(let path, let mode): "\(path) can be read by others (mode \(String(mode, radix: 8))): chmod go= \(path)"
        }
    }
}
