import Glibc
import SpoolDirectory
package import SpoolTestSupport

/// Looks for secrets in everything that a daemon leaves behind: journal, reasons, ledger files, and its log (P6).
package struct SecretSearch: Sendable {
    /// Signatures, the emulator's bearer and client secret, and the beginning of every identity token.
    package static let needles = ["sig=", "emulator-token", "emulator-secret", "kusto-identity+"]

    /// Every place in which a secret stands, as `where: needle`. First it shows that it sees each of them where the daemon writes.
    ///
    /// - Parameters:
    ///   - allowed: files that hold a secret on purpose.
    ///   - logged: the daemon's log, line by line.
    package static func findings(
        in directory: TemporaryDirectory, allowed: Set<String> = ["token", "secret"], logged: [String] = []
    ) throws -> [String] {
        let planted = "state/planted"
        directory.write("noise \(needles.joined(separator: " ")) noise", to: planted)
        let seen = look(in: directory, allowed: allowed, logged: [])
        directory.removeFile(TemporaryDirectory.relative(planted))
        guard needles.allSatisfy({ seen.contains("\(planted): \($0)") }) else {
            throw TestSupportError("the search is blind: it found \(seen) where every secret was planted")
        }
        return look(in: directory, allowed: allowed, logged: logged)
    }

    private static func look(in directory: TemporaryDirectory, allowed: Set<String>, logged: [String]) -> [String] {
        var found: [String] = []
        for (path, bytes) in directory.allFiles() where !allowed.contains(path.displayText) {
            found += needles.filter { contains(bytes, $0) }.map { "\(path.displayText): \($0)" }
        }
        for line in logged { found += needles.filter { contains(Array(line.utf8), $0) }.map { "log \(line): \($0)" } }
        return found
    }

    private static func contains(_ bytes: [UInt8], _ needle: String) -> Bool {
        let wanted = Array(needle.utf8)
        // memmem(3) is not in the Glibc module.
        return bytes.withUnsafeBytes { haystack in
            var rest = UnsafeRawBufferPointer(rebasing: haystack[...])
            while let start = rest.baseAddress, rest.count >= wanted.count,
                let hit = memchr(start, Int32(wanted[0]), rest.count - wanted.count + 1)
            {
                if memcmp(hit, wanted, wanted.count) == 0 { return true }
                rest = UnsafeRawBufferPointer(rebasing: rest[(start.distance(to: hit) + 1)...])
            }
            return false
        }
    }
}
