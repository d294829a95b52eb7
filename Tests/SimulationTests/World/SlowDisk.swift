import SpoolPrimitives

/// Lets what the engine gives to its threads take its time: at once, or after a moment that is drawn.
final class SlowDisk: @unchecked Sendable {  // used on the loop's thread alone
    private let loop: VirtualLoop
    private let dice: Dice
    private var longest: Duration
    private let purpose: String
    private var waiting: [(number: Int, work: @Sendable () -> Void)] = []
    private var count = 0

    init(_ loop: VirtualLoop, _ dice: Dice, _ longest: Duration, life: Int) {
        self.loop = loop
        self.dice = dice
        self.longest = longest
        purpose = "disk \(life)"
    }

    func run(_ work: @escaping @Sendable () -> Void) {
        count += 1
        let number = count
        guard longest > .zero, dice.chance(30, purpose, number) else { return loop.schedule(work) }
        waiting.append((number, work))
        loop.after(dice.between(.zero, longest, purpose, -number)) { [self] in
            guard let index = waiting.firstIndex(where: { $0.number == number }) else { return }
            loop.schedule(waiting.remove(at: index).work)
        }
    }

    /// Runs everything soon, now and from now on: no time passes any more.
    func hurry() {
        longest = .zero
        for (_, work) in waiting { loop.schedule(work) }
        waiting = []
    }
}
