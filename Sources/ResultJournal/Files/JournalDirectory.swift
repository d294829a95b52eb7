import CLinux
import Glibc
import SpoolPrimitives

/// The directory of a journal, held open, and the names in it that are the journal's.
final class JournalDirectory: Sendable {
    let descriptor: Descriptor
    let path: String
    /// `journal.ndjson`
    let currentName: String
    private let stem: String
    private let suffix: String

    /// - Parameter journal: the path of the current file; its directory exists.
    init(ofJournal journal: String) throws(JournalError) {
        let slash = journal.lastIndex(of: "/")
        let directory = slash.map { String(journal[..<$0]) } ?? "."
        path = directory.isEmpty ? "/" : directory
        currentName = slash.map { String(journal[journal.index(after: $0)...]) } ?? journal
        let dot = currentName.dropFirst().lastIndex(of: ".") ?? currentName.endIndex
        stem = String(currentName[..<dot])
        suffix = String(currentName[dot...])
        let path = path
        descriptor = Descriptor(
            owning: try naming("open", path, systemCall { ksc_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0) }))
    }

    func path(of name: String) -> String { path.hasSuffix("/") ? path + name : "\(path)/\(name)" }

    /// A rotated file of the current ledger's.
    struct Rotated: Comparable {
        var name: String
        var firstSeq: Int64
        /// Which of several with the same first seq, beginning with 1.
        var number: Int

        static func < (a: Rotated, b: Rotated) -> Bool { (a.firstSeq, a.number) < (b.firstSeq, b.number) }
    }

    /// The rotated files in order of their first seq.
    func rotated() throws(JournalError) -> [Rotated] { try names().compactMap(parse).sorted() }

    /// All rotated files, those of other ledgers too, in no order. What has only a likeness to their names is somebody's copy, and not among them.
    func allRotated() throws(JournalError) -> [String] {
        try names().filter { name in
            guard let parts = parts(of: name) else { return false }
            let isNumbered = parts.count > 1 && parts[parts.count - 1].utf8.count < 20
            guard let seq = parts.dropLast(isNumbered ? 1 : 0).last else { return false }
            return Self.seq(seq) != nil && (!isNumbered || Int(parts[parts.count - 1]) != nil)
        }
    }

    /// Whether this is still the directory that the path names: it may have been removed or moved away, and another made in its place.
    func isInPlace() throws(JournalError) -> Bool {
        var named = stat()
        let path = path
        do { try systemCall { stat(path, &named) } } catch {
            if error.code == ENOENT { return false }
            throw JournalError("stat", path, error)
        }
        return FileStatus(named).isSameFile(as: try FileStatus(of: descriptor, path: path))
    }

    func rotatedName(firstSeq: Int64, number: Int = 1) -> String {
        "\(stem)-\(Self.padded(firstSeq))\(number == 1 ? "" : "-\(number)")\(suffix)"
    }

    func foreignName(journal: String, firstSeq: Int64, number: Int) -> String {
        let uuid = String(
            journal.unicodeScalars.filter { $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil || $0 == "-") }
                .map(Character.init).prefix(36))
        return "\(stem)-\(uuid.isEmpty ? "unknown" : uuid)-\(Self.padded(firstSeq))\(number == 1 ? "" : "-\(number)")\(suffix)"
    }

    /// What stands between dashes in the name of a rotated file.
    private func parts(of name: String) -> [Substring]? {
        guard name.hasPrefix(stem + "-"), name.hasSuffix(suffix), name.utf8.count > stem.utf8.count + 1 + suffix.utf8.count else {
            return nil
        }
        return name.dropFirst(stem.count + 1).dropLast(suffix.count).split(separator: "-", omittingEmptySubsequences: false)
    }

    private static func seq(_ digits: Substring) -> Int64? {
        guard digits.utf8.count == 20, let seq = Int64(digits), seq >= 0 else { return nil }
        return seq
    }

    private func parse(_ name: String) -> Rotated? {
        guard let parts = parts(of: name), parts.count <= 2, let firstSeq = Self.seq(parts[0]) else { return nil }
        if parts.count == 1 { return Rotated(name: name, firstSeq: firstSeq, number: 1) }
        return Int(parts[1]).map { Rotated(name: name, firstSeq: firstSeq, number: $0) }
    }

    private static func padded(_ seq: Int64) -> String {
        let digits = String(seq)
        return String(repeating: "0", count: 20 - digits.count) + digits
    }

    private func names() throws(JournalError) -> [String] {
        let raw = try naming("list", path, systemCall { ksc_openat(descriptor.raw, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0) })
        guard let directory = fdopendir(raw) else { throw JournalError("list", path, .current) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            // Ours are ASCII but for the configured stem; a name that is no UTF-8 is not ours.
            if let name = String(validating: DirectoryEntry.name(of: entry), as: UTF8.self) { names.append(name) }
        }
        return names
    }
}
