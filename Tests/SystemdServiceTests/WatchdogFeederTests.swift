import SystemdService
import Testing

@Suite struct WatchdogFeederTests {
    @Test(
        "the watchdog is fed while there is progress or good reason for none, and starves when busy work stands still",
        arguments: [
            [
                (5, 1, .busy, true), (10, 2, .busy, true), (15, 2, .busy, true), (20, 2, .busy, true), (21, 2, .busy, false),
                (25, 3, .busy, true),
            ],
            [
                (5, 0, .nothingToDo, true), (500, 0, .nothingToDo, true), (505, 0, .busy, true), (511, 0, .busy, false),
                (512, 0, .nothingToDo, true),
            ],
            [(5, 7, .waiting, true), (5000, 7, .waiting, true), (5005, 7, .busy, true)],
            [(10, 0, .busy, true), (21, 0, .busy, false), (22, 1, .busy, true)],
            [(100, 9, .busy, true)],
        ] as [[(Int, UInt64, WatchdogFeeder.Idle, Bool)]])
    func steps(steps: [(Int, UInt64, WatchdogFeeder.Idle, Bool)]) {
        var feeder = WatchdogFeeder(interval: .seconds(10), now: .zero)
        #expect(feeder.askEvery == .seconds(5))
        for (at, progress, idle, feeds) in steps {
            let decision = feeder.decide(WatchdogFeeder.Pulse(progress: progress, idle: idle), now: .seconds(at))
            #expect((decision == .feed) == feeds, "at \(at): \(decision)")
        }
    }
}
