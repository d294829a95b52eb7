import CLinux
import Glibc
import SpoolPrimitives

/// The few file operations of producers and of the oracle, with absolute paths; on tmpfs, where a flush costs nothing. What fails here is a mistake of the
/// simulation, and ends it.
enum Disk {
    /// A new directory of the simulation's.
    static func makeTemporary() -> String {
        let base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = Array("\(base)/kusto-spool-sim-XXXXXX".utf8CString)
        let made = mkdtemp(&template) != nil
        precondition(made, "mkdtemp: \(errno)")
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static func makeDirectory(_ path: String, mode: mode_t = 0o755) {
        let made = mkdir(path, mode) == 0
        precondition(made, "mkdir \(path): \(errno)")
    }

    /// Writes a file anew or, if it is there, in place.
    static func write(_ bytes: [UInt8], to path: String, modified: Int64) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        precondition(file >= 0, "open \(path): \(errno)")
        defer { close(file) }
        let written = Glibc.write(file, bytes, bytes.count)
        precondition(written == bytes.count, "write \(path): \(errno)")
        // The machine's clock has ticks of some milliseconds, in which a whole schedule happens.
        let time = timespec(tv_sec: Int(modified / 1_000_000), tv_nsec: Int(modified % 1_000_000) * 1000)
        let set = futimens(file, [time, time]) == 0
        precondition(set, "futimens \(path): \(errno)")
    }

    static func rename(_ from: String, to: String) {
        let renamed = Glibc.rename(from, to) == 0
        precondition(renamed, "rename \(from): \(errno)")
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    static func inode(of path: String) -> UInt64 {
        var status = stat()
        let found = lstat(path, &status) == 0
        precondition(found, "stat \(path): \(errno)")
        return UInt64(status.st_ino)
    }

    static func read(_ path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var contents: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            guard count > 0 else { return contents }
            contents += chunk[..<count]
        }
    }

    /// Names and whether each is a directory, in order of their names.
    static func list(_ path: String) -> [(name: String, isDirectory: Bool)] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var entries: [(name: String, isDirectory: Bool)] = []
        while let entry = readdir(directory) {
            let name = String(decoding: DirectoryEntry.name(of: entry), as: UTF8.self)
            if name == "." || name == ".." { continue }
            entries.append((name, entry.pointee.d_type == UInt8(DT_DIR)))
        }
        return entries.sorted { $0.name < $1.name }
    }

    /// Every regular file below, as a path from there.
    static func walk(_ path: String, below prefix: String = "") -> [String] {
        list(path).flatMap { entry in
            entry.isDirectory ? walk("\(path)/\(entry.name)", below: "\(prefix)\(entry.name)/") : [prefix + entry.name]
        }
    }

    static func remove(_ path: String) {
        for entry in list(path) {
            if entry.isDirectory { remove("\(path)/\(entry.name)") } else { unlink("\(path)/\(entry.name)") }
        }
        rmdir(path)
    }
}

func unlinkPath(_ path: UnsafePointer<CChar>) -> CInt { unlink(path) }
