import SpoolDirectory
import SpoolTestSupport
import SystemTestSupport

/// What is dropped, and what is to become of it.
struct CrashFiles: Sendable {
    /// A file as a producer sees it.
    struct Dropped: Sendable {
        var spool: String
        /// Relative to the spool's root.
        var path: String
        var contents: String
        /// The verdict, and so done/ or failed/.
        var verdict = "succeeded"
        /// The rows that the table gets; each is one line, and no other file has it.
        var rows: [String] { verdict == "succeeded" ? contents.split(separator: "\n").map(String.init) : [] }
    }

    static let retryTable = "Retry"
    static let twice = "twice.csv"
    static let midRun = "mid.csv"
    /// Where the file of mid-run waits for the child to drop it.
    static let waiting = "waiting"

    private let early: [Dropped]
    private let inMidRun: Dropped
    private let late: Dropped
    private let second: Dropped

    var all: [Dropped] { early + [inMidRun, late, second] }
    var count: Int { all.count }

    /// - Parameter random: for the large file, which must not shrink to one block.
    init(_ random: inout SeededRandom) {
        var large = ""
        for line in 0..<3000 {
            large += "large\(line),"
            for _ in 0..<6 { large += String(random.next(), radix: 16) }
            large += "\n"
        }
        early = [
            Dropped(spool: "spool", path: "small.csv", contents: Self.lines("small", 3)),
            Dropped(spool: "spool", path: "other.csv", contents: Self.lines("other", 2)),
            Dropped(spool: "spool", path: "large.csv", contents: large),
            Dropped(spool: "spool", path: "ragged.csv", contents: "ragged,1\nragged\n", verdict: "failed"),
            Dropped(spool: "spool", path: "empty.csv", contents: "", verdict: "skipped"),
            Dropped(spool: "spool", path: "below/deep/tree.csv", contents: Self.lines("tree", 4)),
            Dropped(spool: "spool", path: Self.twice, contents: Self.lines("first", 2)),
            Dropped(spool: "retry", path: "again.csv", contents: Self.lines("again", 2)),
        ]
        inMidRun = Dropped(spool: "spool", path: Self.midRun, contents: Self.lines("mid", 2))
        late = Dropped(spool: "spool", path: "late.csv", contents: Self.lines("late", 1))
        second = Dropped(spool: "spool", path: Self.twice, contents: Self.lines("second", 3))
    }

    private static func lines(_ name: String, _ count: Int) -> String { (0..<count).map { "\(name)\($0),\($0)\n" }.joined() }

    func dropFirst(into system: SystemFixture) {
        system.directory.makeDirectory("spool/below")
        system.directory.makeDirectory("spool/below/deep")
        for file in early { system.drop(file.contents, as: file.path, into: file.spool) }
        system.directory.write(inMidRun.contents, to: Self.waiting)
    }

    /// The file of mid-run, for a daemon that does not drop it itself.
    func dropInMidRun(into system: SystemFixture) {
        system.directory.rename(TemporaryDirectory.relative(Self.waiting), to: TemporaryDirectory.relative("spool/\(Self.midRun)"))
    }

    /// While the daemon is down.
    func dropAfterKill(into system: SystemFixture) { system.drop(late.contents, as: late.path) }

    /// Once the first file of this name is out of the way.
    func dropSecond(into system: SystemFixture) { system.drop(second.contents, as: second.path) }

    /// Files of a spool that are neither in done/ nor in failed/.
    static func unsettled(in directory: TemporaryDirectory, spool: String) -> Int {
        files(of: spool, in: directory).keys.count { $0.components.first != FileName("done") && $0.components.first != FileName("failed") }
    }

    /// A spool's files, by their paths below its root, without the daemon's own.
    static func files(of spool: String, in directory: TemporaryDirectory) -> [RelativePath: [UInt8]] {
        let own: Set<FileName?> = [FileName(".spool"), FileName(".lock"), FileName(".from")]
        var files: [RelativePath: [UInt8]] = [:]
        for (path, bytes) in directory.allFiles(below: TemporaryDirectory.relative(spool)) {
            // What an own small file is written to before it has its name.
            if path.name?.displayText.hasPrefix(".writing-") ?? false { continue }
            if own.contains(path.name) || path.components.contains(where: { $0 == FileName(".reasons") }) { continue }
            files[RelativePath(Array(path.components.dropFirst()))] = bytes
        }
        return files
    }
}
