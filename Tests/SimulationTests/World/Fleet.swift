import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport

/// A file that a producer has dropped, and everything that it ever held.
final class SimulatedFile {
    let drop: Drop
    var versions: [[UInt8]] = []
    var inode: UInt64 = 0
    /// A later file took its place before the daemon claimed it: its producers' own affair.
    var isReplaced = false

    init(_ drop: Drop) { self.drop = drop }
}

/// The producers: what they dropped, where it must be, and what is known of it.
final class Fleet {
    let directory: String
    let settings: Settings
    let dice: Dice
    let trace: Trace
    unowned let loop: VirtualLoop
    private(set) var files: [SimulatedFile] = []
    /// Told what happens in each spool, while a watcher listens.
    var hints: [ToldHintsBox] = []

    init(directory: String, settings: Settings, dice: Dice, trace: Trace, loop: VirtualLoop) {
        self.directory = directory
        self.settings = settings
        self.dice = dice
        self.trace = trace
        self.loop = loop
    }

    func root(of spool: Int) -> String { "\(directory)/spool\(spool)" }

    // MARK: - Producing

    func drop(_ drop: Drop) {
        let file = SimulatedFile(drop)
        let target = "\(root(of: drop.spool))/\(drop.name)"
        let isTaken = Disk.exists(target)
        if isTaken, let earlier = find(inode: Disk.inode(of: target)) { earlier.isReplaced = true }
        files.append(file)
        trace.add("drops \(drop.number): \(drop.name) into spool\(drop.spool), \(drop.manner)\(isTaken ? ", over another" : "")")
        let incoming = "\(directory)/incoming"
        let whole = contents(drop, version: 0)
        switch drop.manner {
        case .twice:
            // The first half counts as complete until the second comes.
            let half = contents(drop, version: 0, shortenedTo: whole.count / 2)
            Disk.write(half, to: incoming, modified: loop.wallNow.microseconds)
            file.versions = [half]
        case .renamed, .closed, .unnoticed:
            Disk.write(whole, to: incoming, modified: loop.wallNow.microseconds)
            file.versions = [whole]
        }
        Disk.rename(incoming, to: target)
        file.inode = Disk.inode(of: target)
        switch drop.manner {
        case .renamed, .twice: hint(drop, .movedIn)
        case .closed: hint(drop, .closedAfterWriting)
        case .unnoticed: break
        }
        if drop.manner != .twice { mark(file, after: dice.between(.zero, .seconds(2), "marker", drop.number)) }
        if drop.manner == .twice {
            loop.after(dice.between(.milliseconds(1), .seconds(3), "second half", drop.number)) { [self] in
                write(whole, into: file)
                hint(drop, .closedAfterWriting)
                mark(file, after: .zero)
            }
        }
    }

    /// Where the route asks for it, a marker says that the file is complete.
    private func mark(_ file: SimulatedFile, after delay: Duration) {
        guard case .marker = settings.spools[file.drop.spool].completeness else { return }
        loop.after(delay) { [self] in
            let target = "\(root(of: file.drop.spool))/\(file.drop.name)"
            // Another file may have the name by now, and its own marker comes.
            guard Disk.exists(target), Disk.inode(of: target) == file.inode else { return }
            Disk.write([], to: target + Settings.marker, modified: loop.wallNow.microseconds)
            hints[file.drop.spool].tell(file.drop.name + Settings.marker, .closedAfterWriting)
        }
    }

    private func hint(_ drop: Drop, _ hint: Completeness.Hint) {
        // Some are lost, as in an overflow.
        if dice.chance(10, "hint lost", drop.number) { return }
        hints[drop.spool].tell(drop.name, hint)
    }

    func rewrite(_ number: Int, _ rewriting: Rewriting) {
        guard let file = files.first(where: { $0.drop.number == number }), let last = file.versions.last, !last.isEmpty else { return }
        let version = file.versions.count
        let size =
            switch rewriting {
            case .sameSize: last.count
            case .shorter: max(last.count / 2, 12)
            case .longer: last.count + 40
            }
        write(contents(file.drop, version: version, shortenedTo: size), into: file)
    }

    /// In place, wherever the daemon has moved it: the producer has it open.
    private func write(_ bytes: [UInt8], into file: SimulatedFile) {
        guard let place = places(of: file.drop.spool).first(where: { $0.inode == file.inode }) else { return }
        trace.add("goes on writing into file \(file.drop.number) at \(place.path), \(bytes.count) bytes")
        file.versions.append(bytes)
        Disk.write(bytes, to: "\(root(of: file.drop.spool))/\(place.path)", modified: loop.wallNow.microseconds)
        if !place.path.contains("/"), file.drop.manner != .twice || file.versions.count > 2 { mark(file, after: .zero) }
    }

    /// `f<number>,<version>,…`: each file and each of its versions can be told by its bytes.
    private func contents(_ drop: Drop, version: Int, shortenedTo size: Int? = nil) -> [UInt8] {
        if drop.kind == .empty { return [] }
        var bytes = Array("f\(drop.number),\(version),".utf8)
        let wanted = size ?? bytes.count + drop.size
        var n = 0
        while bytes.count < wanted {
            let word = drop.kind == .large ? String(dice.bits("noise \(drop.number) \(version)", n), radix: 36) : "word\(n % 7)"
            bytes += "\(word),".utf8
            n += 1
        }
        bytes = Array(bytes.prefix(max(wanted, 10)))
        // What may travel with others ends with a newline; some do not, and some have a quote that is never closed.
        if settings.spools[drop.spool].coalescing != nil {
            switch dice.below(10, "structure", drop.number) {
            case 0: break
            case 1: bytes[bytes.count - 2..<bytes.count] = [UInt8(ascii: "\""), UInt8(ascii: "\n")]
            default: bytes[bytes.count - 1] = UInt8(ascii: "\n")
            }
        }
        return bytes
    }

    // MARK: - Looking

    struct Place {
        /// Below the spool's root.
        var path: String
        var inode: UInt64
        var bytes: [UInt8]
    }

    /// Every file of the producers' in a spool.
    func places(of spool: Int) -> [Place] {
        paths(of: spool).map { path in
            let whole = "\(root(of: spool))/\(path)"
            return Place(path: path, inode: Disk.inode(of: whole), bytes: Disk.read(whole) ?? [])
        }
    }

    /// The same by their paths alone.
    func paths(of spool: Int) -> [String] {
        Disk.walk(root(of: spool)).filter { path in
            !(path == ".spool" || path == ".active/.lock" || path.hasPrefix("failed/.reasons/") || path.hasSuffix("/.from")
                || path.hasSuffix(Settings.marker))
        }
    }

    func find(inode: UInt64) -> SimulatedFile? { files.last { $0.inode == inode } }

    /// Whose bytes a blob holds, one file's or those of several; complains where they are nobody's, or not all of them. Nothing for such a blob.
    func identify(
        blob: [UInt8], name: String, rawSize: Int?, complain: (String) -> Void
    ) -> [(file: SimulatedFile, version: Int)] {
        let bytes: [UInt8]
        if name.hasSuffix(".gz") {
            guard let unpacked = Gunzip.unpack(blob) else {
                complain("P3: the blob \(name) is no gzip")
                return []
            }
            bytes = unpacked
        } else {
            bytes = blob
        }
        if let rawSize, rawSize != bytes.count { complain("P3: the message says \(rawSize) bytes and the blob has \(bytes.count)") }
        if let one = find(bytes) { return [one] }
        // Every file that may travel with others is one line.
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { Array($0) + [UInt8(ascii: "\n")] }
        let found = lines.dropLast().map(find)
        if bytes.last == UInt8(ascii: "\n"), !found.contains(where: { $0 == nil }) { return found.compactMap { $0 } }
        complain(
            "P3: the bytes of the blob \(name) are those of no file at any moment: \(String(decoding: bytes.prefix(24), as: UTF8.self))")
        return []
    }

    private func find(_ bytes: [UInt8]) -> (file: SimulatedFile, version: Int)? {
        for file in files {
            // The latest, where two versions are alike.
            if let version = file.versions.lastIndex(of: bytes) { return (file, version) }
        }
        return nil
    }
}
