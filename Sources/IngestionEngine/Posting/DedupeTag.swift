import Ledger
import OpenSSLCrypto

/// What a file's messages have in common: the value of its `ingest-by:` tag, where the route asks for one.
///
/// The same for a repost, for a source that supersedes another, and for another ledger that adopts the file, since it is made of what stays with the
/// file: its place in `.active`, its size and the time of its last change. A file that another hand changed is another file by it, and its rows are
/// not taken for those of before.
enum DedupeTag {
    /// 128 bits in hexadecimal behind `ks-`: extents carry their tags along, so that short ones are cheap.
    static func of(_ file: LedgerFile) -> String {
        let identity = "\(file.claim)/\(file.name)\n\(file.size)\n\(file.modified)"
        let digits = SHA256Digest(of: Array(identity.utf8)).bytes.prefix(16).map { byte in
            let text = String(byte, radix: 16)
            return byte < 16 ? "0\(text)" : text
        }
        return "ks-" + digits.joined()
    }
}
