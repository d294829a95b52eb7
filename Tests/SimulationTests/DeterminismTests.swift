import SpoolPrimitives
import Testing

/// A failure can be had again, and made smaller, only if a seed is all that a schedule depends on.
@Suite struct DeterminismTests {
    @Test("the same seed gives the same trace, byte for byte")
    func sameTrace() async {
        let first = RandomSource.system.next() >> 16
        print("simulation: determinism from KUSTO_SPOOL_SIM_SEED=\(first) on")
        for seed in first..<first + 40 {
            let (one, other) = await onOwnThread { (Schedule(seed: seed).run(), Schedule(seed: seed).run()) }
            let difference = zip(one.trace, other.trace).first { $0 != $1 }
            #expect(
                difference == nil && one.trace.count == other.trace.count, "seed \(seed): \(difference.map { "\($0)" } ?? "one is longer")")
            #expect(one.steps == other.steps, "seed \(seed)")
        }
    }

    @Test("a schedule without some of its decisions draws the others as before")
    func independence() {
        let whole = Schedule(seed: 7)
        let part = whole.keeping([0, 2])
        #expect(whole.present.count > 2)
        #expect(part.present.map { "\($0)" } == [0, 2].map { "\(whole.decisions[$0])" })
    }

    @Test("a failing schedule is made as small as what fails it")
    func shrinks() async {
        let smallest = await onOwnThread { Schedule(seed: 2).shrunk(sabotage: .losesUploads) }
        #expect(smallest.present.count == 1, "\(smallest.present)")
    }
}
