import Glibc

/// A generator whose seed a failing test prints, so that the failure can be had again.
package struct SeededRandom: RandomNumberGenerator {
    /// For the failure's text.
    package let seed: UInt64
    private var state: UInt64

    /// - Parameter seed: chosen anew for every run, or that of a failure.
    package init(seed: UInt64 = .random(in: .min ... .max)) {
        self.seed = seed
        state = seed
    }

    /// The generator of a randomised test: its seed is printed, and `SPOOL_SEED` replays it.
    package static func replayable(_ test: String) -> SeededRandom {
        let seed = getenv("SPOOL_SEED").flatMap { UInt64(String(cString: $0)) } ?? .random(in: .min ... .max)
        print("\(test): SPOOL_SEED=\(seed)")
        return SeededRandom(seed: seed)
    }

    /// SplitMix64.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// Text-like bytes: words repeat, as in logs.
    package mutating func compressible(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count { bytes += "word\(next() % 97),".utf8 }
        return Array(bytes.prefix(count))
    }

    /// Noise.
    package mutating func incompressible(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }
}
