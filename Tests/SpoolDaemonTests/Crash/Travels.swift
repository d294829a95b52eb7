import SpoolTestSupport

/// How the files of a run's routes travel: what is promised holds for each way, so that runs draw theirs.
enum Travels: Sendable, Hashable, CustomStringConvertible {
    /// Each a source of its own, as routes do by themselves.
    case alone
    case uncompressed
    /// In sources of at most so many files, which wait for each other for so many milliseconds.
    case coalesced(files: Int, wait: Int)
    case coalescedUncompressed(files: Int, wait: Int)

    static func draw(_ random: inout SeededRandom) -> Travels {
        let files = [2, 4, 1000].randomElement(using: &random) ?? 2
        let wait = [1, 50, 300].randomElement(using: &random) ?? 1
        return [
            .alone, .alone, .alone, .uncompressed, .coalesced(files: files, wait: wait), .coalescedUncompressed(files: files, wait: wait),
        ].randomElement(using: &random) ?? .alone
    }

    /// Lines for a route.
    var options: [String] {
        switch self {
        case .alone: []
        case .uncompressed: ["compression: none"]
        case .coalesced(let files, let wait): ["coalesce: { max_files: \(files), max_wait: \(wait) ms }"]
        case .coalescedUncompressed(let files, let wait): ["compression: none", "coalesce: { max_files: \(files), max_wait: \(wait) ms }"]
        }
    }

    var description: String { options.isEmpty ? "alone" : options.joined(separator: ", ") }
}
