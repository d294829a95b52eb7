/// Where the project gets its randomness from, so that tests can deal the cards themselves.
///
/// A value that many tasks may share: what it calls must be safe to call from any thread.
package struct RandomSource: RandomNumberGenerator, Sendable {
    private let generate: @Sendable () -> UInt64

    /// - Parameter generate: 64 evenly distributed bits at each call.
    package init(_ generate: @escaping @Sendable () -> UInt64) { self.generate = generate }

    /// The kernel's.
    package static let system = RandomSource {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }

    /// A reproducible sequence (SplitMix64), for tests and simulations.
    package static func seeded(_ seed: UInt64) -> RandomSource {
        let state = Lock(seed)
        return RandomSource {
            state.withLock { state in
                state &+= 0x9E37_79B9_7F4A_7C15
                var mixed = state
                mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
                mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
                return mixed ^ (mixed >> 31)
            }
        }
    }

    package func next() -> UInt64 { generate() }

    /// An even number in 0..<1.
    package func unit() -> Double { Double(generate() >> 11) / Double(UInt64(1) << 53) }

    /// `duration` made longer or shorter by an even share of at most `share` (0.1: between 90 and 110 %), so that a fleet does not act in step.
    package func jittered(_ duration: Duration, by share: Double) -> Duration {
        duration * (1 + (unit() * 2 - 1) * share)
    }

    /// A UUID of version 4, in lower case.
    package func uuid() -> String {
        let high = generate() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = generate() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        let digits = hex(high) + hex(low)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index == 8 || index == 12 || index == 16 || index == 20 { text.append("-") }
            text.append(digit)
        }
        return text
    }

    private func hex(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
