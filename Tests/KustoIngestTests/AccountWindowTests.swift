import KustoIngest
import Testing

/// How many requests may be on their way to one account.
@Suite struct AccountWindowTests {
    /// One round trip with more to do than there is room for: what is on its way is answered after `elapsed`, and each answer makes room for the next.
    private static func roundTrip(_ window: inout AccountWindow, _ elapsed: Duration, at now: inout Duration) {
        while window.hasRoom { window.began() }
        now += elapsed
        for _ in 0..<window.count {
            window.succeeded(.upload, after: elapsed, at: now)
            window.ended()
            while window.hasRoom { window.began() }
        }
    }

    @Test("while all goes well the window doubles each round trip, up to its bound")
    func slowStart() {
        var window = AccountWindow()
        var now = Duration.zero
        var sizes = [window.limit]
        for _ in 0..<10 {
            Self.roundTrip(&window, .milliseconds(10), at: &now)
            sizes.append(window.limit)
        }
        #expect(sizes.prefix(5) == [16, 32, 64, 128, 256])
        #expect(sizes.last == Int(AccountWindow.largest))
    }

    @Test("a throttled account has half, once a round trip, and gets one more each round trip from then on")
    func throttled() {
        var window = AccountWindow()
        var now = Duration.zero
        for _ in 0..<2 { Self.roundTrip(&window, .milliseconds(10), at: &now) }
        #expect(window.limit == 64)
        for _ in 0..<20 { window.throttled(at: now) }
        #expect(window.limit == 32, "twenty refusals of one round trip are one")
        Self.roundTrip(&window, .milliseconds(10), at: &now)
        Self.roundTrip(&window, .milliseconds(10), at: &now)
        #expect((33...36).contains(window.limit), "\(window.limit)")
        now += .seconds(1)
        for _ in 0..<12 {
            now += .seconds(1)
            window.throttled(at: now)
        }
        #expect(window.limit == 1, "one is left always")
    }

    @Test("a rising round trip halves the window, a long one that is the account's own does not")
    func delay() {
        var window = AccountWindow()
        var now = Duration.zero
        for _ in 0..<4 { Self.roundTrip(&window, .milliseconds(100), at: &now) }
        let before = window.limit
        #expect(before == 256)
        Self.roundTrip(&window, .milliseconds(400), at: &now)
        #expect(window.limit < before * 3 / 4, "\(window.limit)")
    }

    @Test("a message that is answered sooner than a blob is no sign that blobs wait")
    func kinds() {
        var window = AccountWindow()
        var now = Duration.zero
        for _ in 0..<4 {
            while window.hasRoom { window.began() }
            now += .milliseconds(120)
            for _ in 0..<window.count {
                window.succeeded(.post, after: .milliseconds(10), at: now)
                window.succeeded(.upload, after: .milliseconds(120), at: now)
                window.ended()
                while window.hasRoom { window.began() }
            }
        }
        #expect(window.limit == 256, "twice as many each round trip: \(window.limit)")
        // Posts that wait are one.
        let before = window.limit
        for _ in 0..<20 { window.succeeded(.post, after: .milliseconds(120), at: now) }
        #expect(window.limit < before * 3 / 4, "\(window.limit)")
    }

    @Test("an answer that says nothing of the account does not widen a window before which requests wait")
    func untold() {
        var window = AccountWindow()
        for _ in 0..<16 { window.began() }
        window.succeeded(.upload, after: .milliseconds(10), at: .zero)
        let limit = window.limit
        for _ in 0..<20 { window.succeeded(.upload, after: .milliseconds(35), at: .zero) }
        for _ in 0..<20 { window.began() }
        let waiting = window.limit
        for _ in 0..<20 { window.succeeded(.upload, after: nil, at: .zero) }
        #expect(window.limit == waiting && waiting < limit + 20, "\(limit), \(waiting), \(window.limit)")
        for _ in 0..<20 { window.succeeded(.post, after: nil, at: .zero) }
        #expect(window.limit > waiting, "messages do not wait")
    }

    @Test("the window does not grow while it is not used, nor by answers whose time is their size's")
    func unused() {
        var window = AccountWindow()
        for second in 1...100 {
            window.began()
            window.succeeded(.upload, after: .milliseconds(10), at: .seconds(second))
            window.ended()
        }
        #expect(window.limit == 16)
        for _ in 0..<16 { window.began() }
        window.succeeded(.upload, after: nil, at: .seconds(200))
        #expect(window.limit == 17)
    }
}
