import Glibc
import SpoolConfiguration
import SpoolPrimitives
import Testing

@Suite struct ConfigurationFilesTests {
    /// A directory of its own, removed afterwards.
    private static func withDirectory(_ body: (String) throws -> Void) throws {
        var template = Array("/tmp/spool-configuration-XXXXXX".utf8CString)
        let path = try #require(mkdtemp(&template).map { String(cString: $0) })
        defer { remove(path) }
        try body(path)
    }

    private static func remove(_ path: String) {
        if let stream = opendir(path) {
            while let entry = readdir(stream) {
                let name = String(decoding: DirectoryEntry.name(of: entry), as: UTF8.self)
                if name != ".", name != ".." { remove("\(path)/\(name)") }
            }
            closedir(stream)
            rmdir(path)
        } else {
            unlink(path)
        }
    }

    private static func put(_ bytes: some Sequence<UInt8>, _ path: String) throws {
        let file = try #require(fopen(path, "w"))
        defer { fclose(file) }
        let bytes = Array(bytes)
        #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    }

    private static func spool(_ name: String) -> String { "spools:\n  - { path: /spool/\(name), database: D, table: T, format: csv }\n" }

    @Test("drop-ins are read in the order of their names, and only those that end in .yaml")
    func dropIns() throws {
        try Self.withDirectory { directory in
            mkdir("\(directory)/conf.d", 0o755)
            try Self.put(ComplaintTests.valid.utf8, "\(directory)/kusto-spool.yaml")
            for name in ["20-b.yaml", "10-c.yaml", "5-z.yaml", ".hidden.yaml", "x.yaml.bak", "y.yml"] {
                try Self.put(Self.spool(name.hasSuffix(".yaml") ? String(name.dropLast(5)) : name).utf8, "\(directory)/conf.d/\(name)")
            }
            let loaded = try Configuration.load(path: "\(directory)/kusto-spool.yaml")
            #expect(loaded.configuration.spools.map(\.path) == ["/spool/a", "/spool/10-c", "/spool/20-b", "/spool/5-z"])
        }
    }

    @Test("a file that is not there, is a directory, is not UTF-8 or is huge is a complaint at its first line")
    func unreadable() throws {
        try Self.withDirectory { directory in
            func complaints(_ path: String) -> [String] {
                do throws(ConfigurationError) {
                    _ = try Configuration.load(path: path)
                    return []
                } catch {
                    return error.complaints.map(\.description)
                }
            }
            #expect(
                complaints("\(directory)/none.yaml") == ["\(directory)/none.yaml:1:1: error: cannot be opened: No such file or directory"])
            #expect(complaints(directory) == ["\(directory):1:1: error: cannot be read: Is a directory"])
            try Self.put([0x61, 0xFF], "\(directory)/latin.yaml")
            #expect(complaints("\(directory)/latin.yaml") == ["\(directory)/latin.yaml:1:1: error: is not UTF-8"])
            try Self.put(repeatElement(0x23, count: 1_048_577), "\(directory)/huge.yaml")
            #expect(
                complaints("\(directory)/huge.yaml") == [
                    "\(directory)/huge.yaml:1:1: error: has more than 1 MiB, which no configuration needs"
                ])
            // One bad drop-in does not hide what is wrong elsewhere.
            mkdir("\(directory)/conf.d", 0o755)
            try Self.put([0xFF], "\(directory)/conf.d/a.yaml")
            try Self.put((ComplaintTests.valid + "sate: /x\n").utf8, "\(directory)/main.yaml")
            #expect(
                complaints("\(directory)/main.yaml") == [
                    "\(directory)/conf.d/a.yaml:1:1: error: is not UTF-8",
                    "\(directory)/main.yaml:9:1: error: sate: unknown key; did you mean 'state'?",
                ])
        }
    }
}
