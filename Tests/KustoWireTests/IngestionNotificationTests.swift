import FoundationEssentials
import KustoWire
import SpoolPrimitives
import Testing

@Suite struct IngestionNotificationTests {
    /// Reference: kusto-queued-ingestion §7.1; constructed there from field lists, not captured.
    static let failure = #"""
        {"OperationId":"3827def6-0773-4f2a-859e-c02cf395deaf","Database":"DB1","Table":"T1","FailedOn":"2026-01-02T03:04:05.1147331Z",
        "IngestionSourceId":"123a6999-411e-4226-a333-a79992dd9b95","IngestionSourcePath":"https://a.blob.core.windows.net/c/i/blob.csv.gz?sv=1&sig=hunter2",
        "Details":"Stream with ID 'https://a.blob.core.windows.net/c/x.csv?sig=hunter2' has a malformed CSV format, bad quoting",
        "ErrorCode":"Stream_ClosingQuoteMissing","FailureStatus":"Permanent","RootActivityId":"3c883942-0000-0000-0000-000000000000",
        "OriginatesFromUpdatePolicy":false,"ShouldRetry":false}
        """#

    static let success = #"""
        {"OperationId":"3827def6-0773-4f2a-859e-c02cf395deaf","Database":"DB1","Table":"T1","SucceededOn":"2026-01-02T03:04:05Z",
        "IngestionSourceId":"123a6999-411e-4226-a333-a79992dd9b95","IngestionSourcePath":"https://a.blob.core.windows.net/c/i/blob.csv.gz;managed_identity=system",
        "RootActivityId":"3c883942-0000-0000-0000-000000000000"}
        """#

    static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    @Test("a failure is read whole")
    func readsFailure() throws {
        let notification = try IngestionNotification(queueText: Self.base64(Self.failure), from: .failures)
        guard case .failure(let failure) = notification.outcome else {
            Issue.record("not a failure")
            return
        }
        #expect(failure.errorCode.rawValue == "Stream_ClosingQuoteMissing")
        #expect(failure.errorCode.category == .badFormat)
        #expect(failure.errorCode.permanence == .permanent)
        #expect(failure.status == .permanent)
        #expect(
            failure.details
                == "Stream with ID 'https://a.blob.core.windows.net/c/x.csv?<redacted>' has a malformed CSV format, bad quoting")
        #expect(failure.shouldRetry == false)
        #expect(failure.originatesFromUpdatePolicy == false)
        #expect(notification.sourceID == "123a6999-411e-4226-a333-a79992dd9b95")
        #expect(notification.sourcePath == "https://a.blob.core.windows.net/c/i/blob.csv.gz")
        #expect(notification.database == "DB1")
        #expect(notification.table == "T1")
        #expect(notification.operationID == "3827def6-0773-4f2a-859e-c02cf395deaf")
        #expect(notification.rootActivityID == "3c883942-0000-0000-0000-000000000000")
        #expect(notification.occurredOn == Timestamp(iso8601: "2026-01-02T03:04:05.114733Z"))
    }

    @Test("a success is read whole")
    func readsSuccess() throws {
        let notification = try IngestionNotification(queueText: Self.base64(Self.success), from: .successes)
        #expect(notification.outcome == .success)
        #expect(notification.sourcePath == "https://a.blob.core.windows.net/c/i/blob.csv.gz")
        #expect(notification.occurredOn == Timestamp(iso8601: "2026-01-02T03:04:05Z"))
    }

    @Test(
        "the same notification is understood however it was wrapped",
        arguments: [
            success, "\u{FEFF}" + success, "\n " + success, base64(success), base64("\u{FEFF}" + success),
            String(base64(success).reversed().drop { $0 == "=" }.reversed()),
            String(base64(success).enumerated().flatMap { $0 % 76 == 75 ? [$1, "\r", "\n"] : [$1] }),
            base64(success).map { $0 == "+" ? "-" : $0 == "/" ? "_" : "\($0)" }.joined(),
        ])
    func wrappings(text: String) throws {
        let notification = try IngestionNotification(queueText: text, from: .successes)
        #expect(notification.outcome == .success)
        #expect(notification.sourceID == "123a6999-411e-4226-a333-a79992dd9b95")
    }

    @Test(
        "a GUID is known in each of its spellings, and what is none stays as it is",
        arguments: [
            ("{123A6999-411E-4226-A333-A79992DD9B95}", "123a6999-411e-4226-a333-a79992dd9b95"),
            ("123A6999411E4226A333A79992DD9B95", "123a6999-411e-4226-a333-a79992dd9b95"),
            ("(123a6999-411e-4226-a333-a79992dd9b95)", "123a6999-411e-4226-a333-a79992dd9b95"),
            ("not a guid", "not a guid"), ("", ""),
        ])
    func guids(text: String, expected: String) throws {
        let notification = try IngestionNotification(queueText: #"{"ingestionsourceid":"\#(text)"}"#, from: .successes)
        #expect(notification.sourceID == expected)
    }

    @Test(
        "codes and statuses are understood by name, number and text of a number",
        arguments: [
            (#""Stream_WrongNumberOfFields""#, #""Exhausted""#, "Stream_WrongNumberOfFields", FailureStatus.exhausted),
            (#""0x80DA0008""#, "3", "Stream_WrongNumberOfFields", .exhausted),
            ("2161770504", #""3""#, "Stream_WrongNumberOfFields", .exhausted),
            ("-2133196792", #""exhausted""#, "Stream_WrongNumberOfFields", .exhausted),
            (#""-2133196792""#, #""Transient""#, "Stream_WrongNumberOfFields", .transient),
            ("12", "1", "12", .permanent),
            (#""Brand_NewCode""#, #""Pondering""#, "Brand_NewCode", .unknown),
            ("null", "null", "Unknown", .unknown),
        ])
    func codes(code: String, status: String, expectedCode: String, expectedStatus: FailureStatus) throws {
        let notification = try IngestionNotification(
            queueText: #"{"errorCode":\#(code),"FAILURESTATUS":\#(status),"ShouldRetry":"True","OriginatesFromUpdatePolicy":1}"#,
            from: .failures)
        guard case .failure(let failure) = notification.outcome else {
            Issue.record("not a failure")
            return
        }
        #expect(failure.errorCode.rawValue == expectedCode)
        #expect(failure.status == expectedStatus)
        #expect(failure.shouldRetry == true)
        #expect(failure.originatesFromUpdatePolicy == true)
    }

    @Test(
        "the fields tell success from failure, and the queue where they are silent",
        arguments: [
            ("{}", IngestionNotification.Queue.successes, true), ("{}", .failures, false),
            (#"{"SucceededOn":"2026-01-02"}"#, .failures, true), (#"{"FailedOn":"2026-01-02"}"#, .successes, false),
            (#"{"ErrorCode":"X"}"#, .successes, false), (#"{"SucceededOn":"2026-01-02","ErrorCode":"Unknown"}"#, .successes, true),
        ])
    func outcomes(text: String, queue: IngestionNotification.Queue, isSuccess: Bool) throws {
        #expect((try IngestionNotification(queueText: text, from: queue).outcome == .success) == isSuccess)
    }

    @Test("numbers stand for strings, and a time that is none is no time")
    func looseTypes() throws {
        let notification = try IngestionNotification(
            queueText: #"{"Database":7,"Table":true,"OperationId":12,"SucceededOn":"soon","IngestionSourcePath":["x"]}"#, from: .successes)
        #expect(notification.database == "7")
        #expect(notification.table == "true")
        #expect(notification.operationID == "12")
        #expect(notification.occurredOn == nil)
        #expect(notification.sourcePath == nil)
    }

    @Test("the journal's copy has every field, digit for digit, and no secret")
    func scrubbedCopy() throws {
        let notification = try IngestionNotification(
            queueText: #"""
                { "N": 1.10, "Big": 12345678901234567890, "Path": "https://a/b;token=hunter2", "Nested": {"L": ["see https://a/b?sig=hunter2 now", null]},
                  "AuthorizationContext": "hunter2", "connectionString": {"k": "hunter2"}, "Bearer": "Bearer eyJhbGciOiJIUzI1NiJ9.e30.hunter2", "q": "a?b;c=d" }
                """#, from: .failures)
        #expect(
            notification.scrubbedJSON == #"{"N":1.10,"Big":12345678901234567890,"Path":"https://a/b;<redacted>","#
                + #""Nested":{"L":["see https://a/b?<redacted> now",null]},"AuthorizationContext":"<redacted>","connectionString":"<redacted>","#
                + #""Bearer":"Bearer <redacted>","q":"a?b;c=d"}"#)
        let whole = try IngestionNotification(queueText: Self.base64(Self.failure), from: .failures)
        #expect(!"\(whole)".contains("hunter2"))
        #expect(!"\(whole)".contains("sig="))
        #expect(whole.scrubbedJSON.contains(#""OriginatesFromUpdatePolicy":false"#))
    }

    @Test(
        "what is no notification is a typed error that shows no secret",
        arguments: [
            "", "%%%", "bm90IGpzb24", "{\"a\":", base64("[1]"), base64("{\"p\":\"https://a/b?sig=hunter2\""),
            "{\"p\":\"https://a/b?sig=hunter2\"",
        ])
    func malformed(text: String) throws {
        let error = #expect(throws: IngestionNotificationError.self) { try IngestionNotification(queueText: text, from: .failures) }
        #expect(!"\(try #require(error))".contains("hunter2"))
    }

    @Test("no byte that was spoilt on the way lets a secret through, in the fields or in the error")
    func mutations() {
        let original = Array(Self.failure.utf8)
        let random = RandomSource.seeded(17)
        var read = 0
        var refused = 0
        for index in original.indices {
            for _ in 0..<2 {
                var bytes = original
                // But for bytes that end a URL: what stands behind one is no part of it any more, and prose may be anything.
                let spoilt = UInt8(truncatingIfNeeded: random.next())
                if " <>'\"".utf8.contains(spoilt) { continue }
                switch random.next() % 3 {
                case 0: bytes[index] = spoilt
                case 1: bytes.remove(at: index)
                default: bytes.insert(spoilt, at: index)
                }
                do throws(IngestionNotificationError) {
                    let notification = try IngestionNotification(queueText: Data(bytes).base64EncodedString(), from: .failures)
                    read += 1
                    #expect(!"\(notification)".contains("hunter2"), "\(String(decoding: bytes, as: UTF8.self))")
                } catch {
                    refused += 1
                    #expect(!"\(error)".contains("hunter2"), "\(String(decoding: bytes, as: UTF8.self))")
                }
            }
        }
        #expect(read > 500 && refused > 50)
    }

    @Test("a signature with a control character in it is none when the refusal is shown")
    func controlInSignature() {
        let error = #expect(throws: IngestionNotificationError.self) {
            try IngestionNotification(queueText: "{ broken si\u{0}g\u{1}=abcdef", from: .failures)
        }
        #expect(error.map { "\($0)".contains("sig=<redacted>") && !"\($0)".contains("abcdef") } == true)
    }

    @Test("more than a queue holds is refused unread")
    func sizeBound() throws {
        #expect(throws: IngestionNotificationError.tooLarge(ByteCount(65_537))) {
            try IngestionNotification(queueText: String(repeating: "e", count: 65_537), from: .failures)
        }
        let deep = String(repeating: #"{"a":"#, count: 5000)
        #expect(throws: IngestionNotificationError.self) { try IngestionNotification(queueText: deep, from: .failures) }
    }
}
