/// Numbers that depend on nothing but the seed, what they are for, and how often that was asked before: what is drawn for one request stays the
/// same when another request, or a whole fault, is taken out of the schedule.
struct Dice: Sendable {
    let seed: UInt64

    init(_ seed: UInt64) { self.seed = seed }

    /// 64 even bits for the n-th use of a purpose.
    func bits(_ purpose: String, _ n: Int) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in purpose.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Self.mixed(seed ^ hash ^ Self.mixed(UInt64(bitPattern: Int64(n)) &+ 0x9E37_79B9_7F4A_7C15))
    }

    /// In 0..<bound.
    func below(_ bound: Int, _ purpose: String, _ n: Int = 0) -> Int { Int(bits(purpose, n) % UInt64(bound)) }

    /// True so many times in a hundred.
    func chance(_ percent: Int, _ purpose: String, _ n: Int = 0) -> Bool { below(100, purpose, n) < percent }

    /// Between the two, to the microsecond.
    func between(_ low: Duration, _ high: Duration, _ purpose: String, _ n: Int = 0) -> Duration {
        let span = max(1, (high - low).components.seconds * 1_000_000 + (high - low).components.attoseconds / 1_000_000_000_000)
        return low + .microseconds(Int64(bits(purpose, n) % UInt64(span)))
    }

    func pick<Element>(_ choices: [Element], _ purpose: String, _ n: Int = 0) -> Element { choices[below(choices.count, purpose, n)] }

    /// SplitMix64's last step.
    private static func mixed(_ word: UInt64) -> UInt64 {
        var mixed = word
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
