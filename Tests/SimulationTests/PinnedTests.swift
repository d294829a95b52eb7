import SpoolPrimitives
import Testing

/// Schedules that once found a bug, written down so that they do not change with the way in which others are drawn.
@Suite struct PinnedTests {
    struct Pin: CustomTestStringConvertible {
        var rule: String
        var settings: Settings
        var decisions: [Decision]
        var testDescription: String { rule }
    }

    private static func drop(_ number: Int, at: Duration) -> Decision {
        .drop(Drop(number: number, spool: 0, name: "file\(number).csv", kind: .small, size: 100, at: at, manner: .renamed))
    }

    static let pins = [
        Pin(
            rule: "a file that changed is not removed when the success of what it was comes after its successor has seen the change",
            settings: .plain { $0.spools[0].deletesOnSuccess = true },
            decisions: [
                drop(0, at: .milliseconds(300)), .rewrite(file: 0, at: .seconds(1), .longer),
                .treatment(0, .contradicted(first: false, code: "General_InternalServerError", status: "Exhausted")),
                .delivery(0, .delayed(.seconds(5))),
                // Its post lets the queues be read before the successor's turn comes.
                drop(1, at: .seconds(10)),
            ]),
        Pin(
            rule: "files of a held route are sent although the notification about its only probe was lost",
            settings: .plain(),
            decisions: [
                drop(0, at: .seconds(1)), drop(1, at: .seconds(40)), .delivery(1, .lost), .tableMissing(spool: 0, until: .seconds(30)),
            ]),
    ]

    /// The seed draws latencies: some of them bring the order in which the bug showed.
    @Test("a pinned schedule keeps every promise", arguments: pins)
    func keeps(_ pin: Pin) async {
        for seed in 1...UInt64(8) {
            let result = await onOwnThread { Schedule(seed: seed, settings: pin.settings, decisions: pin.decisions).run() }
            if !result.isGood { print(result.trace.joined(separator: "\n")) }
            #expect(result.failures.isEmpty, "seed \(seed)")
            #expect(result.posts > 0)
        }
    }
}
