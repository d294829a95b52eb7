import FuzzTargets
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import Testing

/// The corpus of the fuzzers, replayed: what they found stays mended.
@Suite struct CorpusTests {
    private static func corpus(_ target: FuzzTarget) -> [(name: String, bytes: [UInt8])] {
        let directory = TemporaryDirectory.at(Repository.path("Tests/Fuzz/Corpus/\(target.rawValue)"))
        return directory.names().compactMap { name in directory.read(RelativePath([name])).map { (name.displayText, $0) } }
            .sorted { $0.name < $1.name }
    }

    @Test("every input of the corpus keeps every invariant", arguments: FuzzTarget.allCases)
    func replay(_ target: FuzzTarget) {
        let inputs = Self.corpus(target)
        #expect(inputs.count >= 8)
        for (name, bytes) in inputs {
            #expect(bytes.count <= 64 << 10, "\(name)")
            #expect(target.violation(in: bytes) == nil, "\(name)")
        }
    }

    @Test("and so does what comes of it by cutting, doubling and spoiling", arguments: FuzzTarget.allCases)
    func mutate(_ target: FuzzTarget) {
        var random = SeededRandom(seed: 11)
        let inputs = Self.corpus(target)
        let marks: [[UInt8]] = ["\"", "{", "\\", "\n", "?sig=abc", "&#x41;", "\u{0}", "é", "%", ": ", "99999999999999999999"].map {
            Array($0.utf8)
        }
        for (name, bytes) in inputs where bytes.count < 4096 {
            for round in 0..<40 {
                var mutated = bytes
                for _ in 0...Int.random(in: 0..<3, using: &random) {
                    let place = Int.random(in: 0...mutated.count, using: &random)
                    let end = Int.random(in: place...mutated.count, using: &random)
                    switch Int.random(in: 0..<4, using: &random) {
                    case 0: mutated.removeSubrange(place..<min(end, place + 8))
                    case 1: mutated.insert(contentsOf: mutated[place..<end], at: place)
                    case 2: mutated.insert(contentsOf: marks[Int.random(in: 0..<marks.count, using: &random)], at: place)
                    default: if place < mutated.count { mutated[place] = UInt8.random(in: 0...255, using: &random) }
                    }
                    if mutated.count > 8192 { mutated = Array(mutated.prefix(8192)) }
                }
                let violation = target.violation(in: mutated)
                #expect(violation == nil, "\(name), round \(round): \(Base64.encode(mutated))")
                if violation != nil { return }
            }
        }
    }

    @Test("the check for signatures sees one")
    func signatures() {
        // Presence first, through a target: a description that shows its query would be seen.
        let shown = #"x{"IngestionSourceId":"a","Details":"https://x.blob.core.windows.net/c?sig=abc"}"#
        #expect(FuzzTarget.notification.violation(in: Array(shown.utf8)) == nil)
        #expect(Signatures.areShown(in: "see https://x/c?se=1&SIG=abc%2B"))
        #expect(!Signatures.areShown(in: "see https://x/c?sig=<redacted> and sig= and sig"))
    }
}
