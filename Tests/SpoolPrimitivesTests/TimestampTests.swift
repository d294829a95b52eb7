import SpoolPrimitives
import Testing

@Suite struct TimestampTests {
    @Test(
        "an instant is written in UTC with microseconds, and reads back as itself",
        arguments: [
            (Int64(0), "1970-01-01T00:00:00.000000Z"),
            (951_782_400_000_001, "2000-02-29T00:00:00.000001Z"),
            (1_767_323_045_123_456, "2026-01-02T03:04:05.123456Z"),
            (-1, "1969-12-31T23:59:59.999999Z"),
        ])
    func roundTrip(microseconds: Int64, text: String) {
        #expect(Timestamp(microseconds: microseconds).description == text)
        #expect(Timestamp(iso8601: text)?.microseconds == microseconds)
    }

    @Test(
        "every precision that a SAS or the service uses is read",
        arguments: [
            ("2026-01-02", "2026-01-02T00:00:00.000000Z"), ("2026-01-02T03:04Z", "2026-01-02T03:04:00.000000Z"),
            ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000000Z"), ("2026-01-02T03:04:05.1147331Z", "2026-01-02T03:04:05.114733Z"),
            ("2026-01-02T03:04:05", "2026-01-02T03:04:05.000000Z"), ("2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05.000000Z"),
        ])
    func precisions(text: String, canonical: String) {
        #expect(Timestamp(iso8601: text)?.description == canonical)
    }

    @Test(
        "what is no instant is not read as one",
        arguments: [
            "", "2026", "2026-13-01", "2026-01-02T", "2026-01-02T25:00Z", "2026-01-02T03:04:05.Z", "2026-01-02T03:04:05Zx", "yesterday",
            "9999-12-31T23:59:60Z", "9999-12-31T23:59:59-00:01", "0000-01-01T00:00:00+00:01",
        ])
    func malformed(text: String) {
        #expect(Timestamp(iso8601: text) == nil)
    }

    @Test("HTTP's date is read")
    func httpDate() {
        #expect(Timestamp(httpDate: "Sun, 06 Nov 1994 08:49:37 GMT")?.description == "1994-11-06T08:49:37.000000Z")
        #expect(Timestamp(httpDate: "Sunday, 06-Nov-94 08:49:37 GMT") == nil)
    }
}
