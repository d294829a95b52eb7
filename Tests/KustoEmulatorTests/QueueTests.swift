import KustoEmulator
import Testing

@Suite struct QueueTests {
    private static func get(_ cloud: Emulated, _ queue: String, _ parameters: String) throws -> TestReply {
        try cloud.request("GET", Emulated.url(queue, "messages", parameters))
    }

    private static func encoded(_ text: String) -> String {
        text.replacing("%", with: "%25").replacing("+", with: "%2B").replacing("/", with: "%2F").replacing("=", with: "%3D")
    }

    /// A queue that nobody but the test works on.
    private static func withQueue(_ body: (Emulated, String) async throws -> Void) async throws {
        try await Emulated.with { cloud in try await body(cloud, try cloud.failureQueue()) }
    }

    @Test("a message that was got is hidden until its time is up, then comes again with a higher count and a new receipt")
    func visibility() async throws {
        try await Self.withQueue { cloud, queue async throws in
            #expect(try cloud.post("YQ==", to: queue).status == 201)
            let first = try Self.get(cloud, queue, "visibilitytimeout=60")
            #expect(first.element("MessageText") == "YQ==")
            #expect(first.element("DequeueCount") == "1")
            #expect(try Self.get(cloud, queue, "visibilitytimeout=60").elements("QueueMessage").isEmpty)
            cloud.emulator.clock.advance(by: .seconds(61))
            let second = try Self.get(cloud, queue, "visibilitytimeout=60")
            #expect(second.element("MessageId") == first.element("MessageId"))
            #expect(second.element("DequeueCount") == "2")
            #expect(second.element("PopReceipt") != first.element("PopReceipt"))
        }
    }

    @Test("a delete needs the latest receipt, in time or not; the second one finds nothing")
    func deletion() async throws {
        try await Self.withQueue { cloud, queue async throws in
            try cloud.post("YQ==", to: queue)
            let first = try Self.get(cloud, queue, "visibilitytimeout=1")
            let id = try #require(first.element("MessageId"))
            let old = Self.encoded(try #require(first.element("PopReceipt")))
            cloud.emulator.clock.advance(by: .seconds(2))
            let receipt = Self.encoded(try #require(try Self.get(cloud, queue, "visibilitytimeout=1").element("PopReceipt")))
            #expect(
                try cloud.request("DELETE", Emulated.url(queue, "messages/\(id)", "popreceipt=\(old)"))["x-ms-error-code"]
                    == "PopReceiptMismatch")
            let missing = try cloud.request("DELETE", Emulated.url(queue, "messages/\(id)"))
            #expect(missing["x-ms-error-code"] == "MissingRequiredQueryParameter")
            cloud.emulator.clock.advance(by: .seconds(2))
            #expect(try cloud.request("DELETE", Emulated.url(queue, "messages/\(id)", "popreceipt=\(receipt)")).status == 204)
            let gone = try cloud.request("DELETE", Emulated.url(queue, "messages/\(id)", "popreceipt=\(receipt)"))
            #expect(gone.status == 404)
            #expect(gone["x-ms-error-code"] == "MessageNotFound")
        }
    }

    @Test("an update sets text and visibility and gives a new receipt")
    func update() async throws {
        try await Self.withQueue { cloud, queue async throws in
            try cloud.post("YQ==", to: queue)
            let got = try Self.get(cloud, queue, "visibilitytimeout=600")
            let id = try #require(got.element("MessageId"))
            let receipt = Self.encoded(try #require(got.element("PopReceipt")))
            let url = Emulated.url(queue, "messages/\(id)", "popreceipt=\(receipt)&visibilitytimeout=0")
            let updated = try cloud.request("PUT", url, [], Array("<QueueMessage><MessageText>Yg==</MessageText></QueueMessage>".utf8))
            #expect(updated.status == 204)
            #expect(updated["x-ms-popreceipt"] != nil)
            #expect(try Self.get(cloud, queue, "").element("MessageText") == "Yg==")
        }
    }

    @Test("a peek shows the front of the queue and changes nothing")
    func peek() async throws {
        try await Self.withQueue { cloud, queue async throws in
            for text in ["YQ==", "Yg==", "Yw=="] { try cloud.post(text, to: queue) }
            for _ in 0..<2 {
                let peek = try Self.get(cloud, queue, "peekonly=true&numofmessages=2")
                #expect(peek.elements("MessageText") == ["YQ==", "Yg=="])
                #expect(peek.element("PopReceipt") == nil)
                #expect(peek.element("DequeueCount") == "0")
            }
            #expect(try Self.get(cloud, queue, "numofmessages=32").elements("MessageText") == ["YQ==", "Yg==", "Yw=="])
            let metadata = try cloud.request("GET", queue + "&comp=metadata")
            #expect(metadata["x-ms-approximate-messages-count"] == "3")
        }
    }

    @Test("a message is gone once its life is over, unless it lives for ever")
    func lifetime() async throws {
        try await Self.withQueue { cloud, queue async throws in
            try cloud.post("YQ==", to: queue, "messagettl=60")
            try cloud.post("Yg==", to: queue, "messagettl=-1")
            try cloud.post("Yw==", to: queue, "visibilitytimeout=30")
            #expect(try Self.get(cloud, queue, "peekonly=true&numofmessages=32").elements("MessageText") == ["YQ==", "Yg=="])
            cloud.emulator.clock.advance(by: .seconds(61))
            #expect(try Self.get(cloud, queue, "numofmessages=32").elements("MessageText") == ["Yg==", "Yw=="])
        }
    }

    @Test(
        "numbers outside their range are refused",
        arguments: [
            "numofmessages=33", "numofmessages=0", "visibilitytimeout=0", "visibilitytimeout=604801", "numofmessages=x",
        ])
    func ranges(parameters: String) async throws {
        try await Self.withQueue { cloud, queue async throws in
            let reply = try Self.get(cloud, queue, parameters)
            #expect(reply.status == 400)
            #expect(reply["x-ms-error-code"]?.hasSuffix("QueryParameterValue") == true)
        }
    }

    @Test("64 KiB of text fit and a byte more does not")
    func size() async throws {
        try await Self.withQueue { cloud, queue async throws in
            #expect(try cloud.post(String(repeating: "a", count: 65_536), to: queue).status == 201)
            #expect(try cloud.post(String(repeating: "a", count: 65_537), to: queue)["x-ms-error-code"] == "MessageTooLarge")
        }
    }

    @Test(
        "a body that is no message is refused",
        arguments: [
            "", "<QueueMessage>", "<Message><MessageText>a</MessageText></Message>",
            "<QueueMessage><MessageText>&#1;</MessageText></QueueMessage>",
        ])
    func malformed(body: String) async throws {
        try await Self.withQueue { cloud, queue async throws in
            let reply = try cloud.request("POST", Emulated.url(queue, "messages"), [], Array(body.utf8))
            #expect(reply.status == 400)
            #expect(reply["x-ms-error-code"] == "InvalidXmlDocument")
        }
    }

    @Test("text comes back as it was sent, entities and all")
    func entities() async throws {
        try await Self.withQueue { cloud, queue async throws in
            try cloud.post("a &lt;b&gt; &amp; &#x43;", to: queue)
            #expect(try Self.get(cloud, queue, "").element("MessageText") == "a &lt;b&gt; &amp; C")
        }
    }

    @Test("twenty thousand notifications are drained in the order in which they came")
    func many() async throws {
        try await Self.withQueue { cloud, queue async throws in
            let total = 20_000
            for number in 0..<total { cloud.emulator.injectNotification(text: String(number), isFailure: true) }
            let target = "/" + Emulated.url(queue, "messages", "numofmessages=32").split(separator: "/", maxSplits: 2)[2]
            let connection = try TestConnection(port: cloud.emulator.port)
            var seen: [String] = []
            while true {
                let page = try connection.request("GET", target).elements("MessageText")
                if page.isEmpty { break }
                seen += page
            }
            #expect(seen == (0..<total).map(String.init))
        }
    }
}
