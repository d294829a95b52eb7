import Glibc
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import Testing

/// Random days of a spool against a model in memory: P1, nothing is lost, and P3, the bytes are the bytes.
///
/// `SPOOL_SEED=n` repeats a run; `SPOOL_STEPS=n` makes it longer.
@Suite struct ModelTests {
    @Test("whatever happens in whatever order, every file is in exactly one place, with its bytes", arguments: seeds)
    func random(seed: UInt64) throws {
        try TemporarySpool.with { temporary in
            var model = try Model(temporary, seed: seed)
            for step in 0..<steps {
                let action = try model.act()
                let difference = model.difference()
                #expect(difference.isEmpty, "SPOOL_SEED=\(seed), step \(step), \(action): \(difference)")
                if !difference.isEmpty { return }
            }
            print(
                "model: SPOOL_SEED=\(seed), \(model.counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))"
            )
        }
    }

    private static let seeds: [UInt64] = {
        if let seed = getenv("SPOOL_SEED").flatMap({ UInt64(String(cString: $0)) }) { return [seed] }
        return (0..<3).map { _ in UInt64.random(in: 0...999_999_999) }
    }()

    private let steps = getenv("SPOOL_STEPS").flatMap { Int(String(cString: $0)) } ?? 100

    @Test("the model sees a file that is lost, doubled, moved or changed")
    func seesPresence() throws {
        try TemporarySpool.with { temporary in
            var model = try Model(temporary, seed: 1)
            while model.anyFile == nil { _ = try model.act() }
            let file = try #require(model.anyFile)
            let bytes = try #require(temporary.root.read(file))
            #expect(model.difference().isEmpty)
            temporary.root.write(bytes, to: path("copy"))
            #expect(model.difference().count == 1)
            temporary.root.removeFile(file)
            #expect(model.difference().count == 1)
            temporary.root.removeFile(path("copy"))
            #expect(model.difference().count == 1)
            temporary.root.write(bytes + [0], to: file)
            #expect(model.difference().count == 2)
            temporary.root.write(bytes, to: file)
            #expect(model.difference().isEmpty)
        }
    }
}

private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}

private struct Model {
    private let temporary: TemporarySpool
    private var spool: SpoolRoot?
    private var random: SplitMix
    private var nextFile = 0
    private var nextClaim: Int64 = 0
    /// Where each file should be, by its bytes, which are like no other file's.
    private var places: [String: RelativePath] = [:]
    /// What the ledger would know.
    private var rows: [String: ClaimedFile] = [:]
    /// Disposals that were made, and whose commit a crash may have swallowed.
    private var disposed: [(contents: String, disposal: Disposal)] = []
    private(set) var counts: [String: Int] = [:]

    private static let directories = ["", "a", "a/b"].map { path($0) }
    private static let day = UTCDate(Timestamp(seconds: 1_767_323_045))

    init(_ temporary: TemporarySpool, seed: UInt64) throws {
        self.temporary = temporary
        random = SplitMix(state: seed)
        for directory in ["a", "a/b"] { temporary.root.makeDirectory(directory) }
        spool = try Self.open(temporary)
    }

    private static func open(_ temporary: TemporarySpool) throws -> SpoolRoot {
        var options = TemporarySpool.options
        options.treeDepth = 2
        options.windowBytes = 2048
        return try temporary.open(options: options)
    }

    /// One random step; returns what it was.
    mutating func act() throws -> String {
        let action =
            ["drop", "drop", "drop", "claim", "claim", "dispose", "dispose", "repeat", "crash", "retry", "correct"].randomElement(
                using: &random) ?? ""
        counts[action, default: 0] += 1
        // Before anybody else holds the object: its lock ends with it.
        if action == "crash" { try crash() }
        guard action != "crash", let spool else { return action }
        switch action {
        case "drop": drop()
        case "claim": try claim(spool)
        case "dispose": try dispose(spool)
        case "repeat": try repeatDisposal(spool)
        case "retry": try retry(spool)
        default: try correct(spool)
        }
        return action
    }

    private mutating func drop() {
        let directory = Self.directories.randomElement(using: &random) ?? .root
        // Few names, so that they meet.
        let file = directory.appending(awkwardNames.prefix(Int.random(in: 1...awkwardNames.count, using: &random)).last ?? name("x"))
        guard !places.values.contains(file) else { return }
        nextFile += 1
        let contents = "file \(nextFile)" + String(repeating: ".", count: Int.random(in: 0...5000, using: &random))
        temporary.root.write(Array(contents.utf8), to: file)
        places[contents] = file
    }

    private mutating func claim(_ spool: SpoolRoot) throws {
        let cursor = try spool.scan()
        var found: Set<RelativePath> = []
        var windows: [ScanWindow] = []
        while let window = try cursor.next() {
            windows.append(window)
            found.formUnion(window.names.map { window.directory.appending($0) })
        }
        let waiting = Set(places.values.filter { !["done", "failed", ".active"].contains($0.components[0].displayText) })
        #expect(found == waiting)
        guard let window = windows.filter({ !$0.names.isEmpty }).randomElement(using: &random) else { return }
        nextClaim += 1
        let names = Array(window.names.shuffled(using: &random).prefix(Int.random(in: 1...5, using: &random)))
        let result = try spool.claim(names, in: window.directory, into: claimName(nextClaim))
        #expect(result.files.map(\.name) == names)
        for file in result.files {
            guard let contents = contents(at: window.directory.appending(file.name)) else { continue }
            places[contents] = Self.activePath(file)
            // A crash before the commit leaves no row; recovery makes one.
            rows[contents] = file
        }
    }

    private mutating func dispose(_ spool: SpoolRoot) throws {
        let chosen = rows.keys.sorted().shuffled(using: &random).prefix(Int.random(in: 1...4, using: &random))
        let disposals = chosen.compactMap { contents in
            rows[contents].map {
                Disposal($0, to: Bool.random(using: &random) ? .done(date: Self.day) : .failed(reason: Array(contents.utf8)))
            }
        }
        for (contents, (disposal, outcome)) in zip(chosen, zip(disposals, try spool.dispose(disposals))) {
            guard case .moved(let final) = outcome else {
                Issue.record("\(disposal.name): \(outcome)")
                continue
            }
            places[contents] = final
            rows[contents] = nil
            disposed.append((contents, disposal))
        }
    }

    /// As a start after a crash between the move and its commit does.
    private mutating func repeatDisposal(_ spool: SpoolRoot) throws {
        guard let (contents, disposal) = disposed.randomElement(using: &random), let place = places[contents],
            (disposal.target == .done(date: Self.day)) == (place.components[0] == name("done")),
            place.components[0].displayText != ".active"
        else { return }
        let isDisposed = ["done", "failed"].contains(place.components[0].displayText)
        switch try spool.dispose([disposal]).first {
        case .alreadyThere(let found)? where isDisposed: #expect(found == place)
        case .vanished? where !isDisposed: break
        case let outcome: Issue.record("\(disposal.name): \(String(describing: outcome))")
        }
    }

    /// Abandons the object, and does what a start does.
    private mutating func crash() throws {
        spool = nil
        let spool = try Self.open(temporary)
        self.spool = spool
        let listing = try spool.activeClaims()
        var found: Set<RelativePath> = []
        while let window = try listing.next() {
            guard case .claim(let claim, let directory, let names) = window.content else {
                Issue.record("\(window)")
                continue
            }
            for file in try spool.identify(names, of: claim) {
                #expect(file.directory == directory)
                found.insert(Self.activePath(file))
                guard let contents = contents(at: Self.activePath(file)) else { continue }
                #expect(rows[contents] == file)
            }
        }
        #expect(found == Set(rows.values.map(Self.activePath)))
    }

    private mutating func retry(_ spool: SpoolRoot) throws {
        guard let (contents, disposal) = disposed.randomElement(using: &random), let place = places[contents],
            place.components[0] == name("failed")
        else { return }
        let home = disposal.directory.appending(disposal.name)
        if places.values.contains(home) {
            let error = #expect(throws: SpoolError.self) {
                try spool.returnToRoot(place, originally: disposal.name, to: disposal.directory)
            }
            #expect(error?.kind == .nameTaken)
        } else {
            places[contents] = try spool.returnToRoot(place, originally: disposal.name, to: disposal.directory)
            #expect(places[contents] == home)
        }
    }

    private mutating func correct(_ spool: SpoolRoot) throws {
        guard let (contents, disposal) = disposed.randomElement(using: &random), let place = places[contents],
            ["done", "failed"].contains(place.components[0].displayText)
        else { return }
        let target = place.components[0] == name("done") ? DisposalTarget.failed(reason: Array(contents.utf8)) : .done(date: Self.day)
        guard
            case .moved(let final) = try spool.move(
                place, originally: disposal.name, from: disposal.directory, expecting: disposal.expected, to: target)
        else {
            Issue.record("\(place) was not moved")
            return
        }
        places[contents] = final
    }

    var anyFile: RelativePath? { places.values.first }

    private func contents(at place: RelativePath) -> String? { places.first { $0.value == place }?.key }

    private static func activePath(_ file: ClaimedFile) -> RelativePath {
        RelativePath([name(".active"), name(file.claim.text), file.name])
    }

    /// What on disk is not as in the model, the daemon's own small files aside; empty when all is well.
    func difference() -> [String] {
        var differences: [String] = []
        var onDisk: [String: [RelativePath]] = [:]
        var reasons: [String: RelativePath] = [:]
        for (path, bytes) in temporary.root.allFiles() {
            let contents = String(decoding: bytes, as: UTF8.self)
            if path.components.prefix(2) == [name("failed"), name(".reasons")] {
                reasons[contents] = path
            } else if path.name.map({ ![name(".lock"), name(".spool"), name(".from")].contains($0) }) ?? true {
                onDisk[contents, default: []].append(path)
            }
        }
        for (contents, place) in places where onDisk[contents] != [place] {
            differences.append("\(contents.prefix(12)) should be at \(place) and is at \(onDisk[contents, default: []])")
        }
        for (contents, found) in onDisk where places[contents] == nil { differences.append("\(found) has strange bytes") }
        for (contents, place) in places where place.components[0] == name("failed") && reasons[contents] == nil {
            differences.append("\(place) has no reason")
        }
        let failed = places.values.filter { $0.components[0] == name("failed") }.count
        if reasons.count != failed { differences.append("\(reasons.count) reasons for \(failed) files") }
        return differences
    }
}
