import AzureStorage
import CurlTransport
import HTTPTransport
import SpoolPrimitives
import SpoolTestSupport
import Testing

@Suite struct QueueClientTests {
    private static let sas = "sv=2018-03-28&sp=raup&sig=aB%2B/c%3D"

    private func queue(_ origin: String = "https://acct.queue.core.windows.net") throws -> SecretURL {
        try #require(SecretURL("\(origin)/q1?\(Self.sas)"))
    }

    @Test("Put Message writes the document that the service reads, escaped, once")
    func putMessage() async throws {
        let transport = try CurlTransport()
        defer { transport.close() }
        let created = Reply.bytes(201, ["x-ms-request-id: r1"], body: "<QueueMessagesList/>")
        try await ScriptedServer.with([[.readRequest, .send(created)]]) { server in
            let reply = try await QueueClient(transport).putMessage(
                queue: queue(server.origin), text: "a<b>&c==", timeToLive: .seconds(60), clientRequestID: ClientRequestID("id;1"))
            #expect(reply.requestID == "r1")
            let request = try #require(server.requests.first)
            #expect(request.method == "POST")
            #expect(request.target == "/q1/messages?messagettl=60&\(Self.sas)")
            #expect(request.header("Content-Type") == "application/xml")
            #expect(request.header("x-ms-version") == "2019-12-12")
            #expect(request.header("x-ms-client-request-id") == "id;1")
            #expect(
                String(decoding: request.body, as: UTF8.self)
                    == #"<?xml version="1.0" encoding="utf-8"?><QueueMessage><MessageText>a&lt;b&gt;&amp;c==</MessageText></QueueMessage>"#)
        }
    }

    @Test("a message that may have been put is not put again by the transport")
    func putMessageOnce() async throws {
        let transport = ScriptedTransport(201)
        _ = try await QueueClient(transport).putMessage(queue: queue(), text: "eA==")
        #expect(transport.requests.first?.isRepeatable == false)
    }

    @Test("the service's bound is checked before anything is sent", arguments: [(65_536, true), (65_537, false)])
    func bound(length: Int, isSent: Bool) async throws {
        let transport = ScriptedTransport(201)
        let text = String(repeating: "a", count: length)
        do throws(StorageError) {
            let queue = SecretURL("https://acct.queue.core.windows.net/q1")
            guard let queue else { return }
            _ = try await QueueClient(transport).putMessage(queue: queue, text: text)
            #expect(isSent)
        } catch {
            #expect(!isSent)
            #expect(error.processing == .surelyNot)
            #expect(error.description.contains("65537"))
        }
        #expect(transport.requests.count == (isSent ? 1 : 0))
    }

    @Test("messages are read as Azure writes them, unknown elements included")
    func getMessages() async throws {
        let body = """
            \u{FEFF}<?xml version="1.0" encoding="utf-8"?><!-- c --><QueueMessagesList>
              <QueueMessage><MessageId>id-1</MessageId><InsertionTime>Fri, 09 Oct 2009 21:04:30 GMT</InsertionTime>
                <ExpirationTime>Fri, 16 Oct 2009 21:04:30 GMT</ExpirationTime><PopReceipt>YzQ4/+==</PopReceipt>
                <TimeNextVisible>Fri, 09 Oct 2009 23:29:20 GMT</TimeNextVisible><DequeueCount>3</DequeueCount><New attr="a>b"/>
                <MessageText>eyJ4Ijoi&#38;&amp;&lt;<![CDATA[<raw>]]></MessageText></QueueMessage>
              <QueueMessage><MessageId>id-2</MessageId><PopReceipt>r2</PopReceipt><MessageText/></QueueMessage>
            </QueueMessagesList>
            """
        let transport = ScriptedTransport(200, [], body)
        let messages = try await QueueClient(transport).getMessages(queue: queue(), max: 32, visibility: .seconds(300))
        #expect(
            transport.requests.first?.url.revealed
                == "https://acct.queue.core.windows.net/q1/messages?numofmessages=32&visibilitytimeout=300&\(Self.sas)")
        #expect(messages.count == 2)
        let first = try #require(messages.first)
        #expect(first.id == "id-1")
        #expect(first.popReceipt == "YzQ4/+==")
        #expect(first.dequeueCount == 3)
        #expect(first.inserted == Timestamp(httpDate: "Fri, 09 Oct 2009 21:04:30 GMT"))
        #expect(first.nextVisible == Timestamp(httpDate: "Fri, 09 Oct 2009 23:29:20 GMT"))
        #expect(first.text == "eyJ4Ijoi&&<<raw>")
        #expect(messages.last?.text == "")
        #expect(messages.last?.dequeueCount == 1)
    }

    @Test("an empty queue is an empty list", arguments: ["<QueueMessagesList />", "<QueueMessagesList></QueueMessagesList>"])
    func emptyQueue(body: String) async throws {
        let messages = try await QueueClient(ScriptedTransport(200, [], body)).getMessages(queue: queue(), max: 1, visibility: .seconds(1))
        #expect(messages.isEmpty)
    }

    @Test(
        "a success that cannot be read is an error, and surely had its effect",
        arguments: [
            "", "not xml", "<html></html>", "<QueueMessagesList>", "<QueueMessagesList><QueueMessage/></QueueMessagesList>",
            "<QueueMessagesList><QueueMessage><MessageId>1</MessageId></QueueMessage></QueueMessagesList>",
            "<!DOCTYPE x [<!ENTITY a \"b\">]><QueueMessagesList/>", "<QueueMessagesList></Other>",
            String(repeating: "<a>", count: 40) + String(repeating: "</a>", count: 40),
        ])
    func unreadable(body: String) async throws {
        let client = QueueClient(ScriptedTransport(200, [], body))
        let queue = try queue()
        await #expect {
            try await client.getMessages(queue: queue, max: 1, visibility: .seconds(1))
        } throws: { error in
            (error as? StorageError)?.processing == .surely(status: 200)
        }
    }

    @Test("a damaged list is read or refused, whatever the damage")
    func damaged() async throws {
        var random = SeededRandom()
        let whole = Array(
            "\u{FEFF}<?xml version='1.0'?><QueueMessagesList a=\"b\"><!-- c --><QueueMessage><MessageId>1</MessageId><PopReceipt>r&amp;&#x41;</PopReceipt><MessageText><![CDATA[x]]></MessageText><E/></QueueMessage></QueueMessagesList>"
                .utf8)
        let alphabet = Array("<>/&;#x![]-?\"'= aA1".utf8) + [0, 0xFF]
        let queue = try queue()
        var outcomes = (read: 0, refused: 0)
        for round in 0..<3000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 0...3, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes.remove(at: place)
                case 1: bytes[place] = alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
                default: bytes = Array(bytes.prefix(place + 1))
                }
            }
            do throws(StorageError) {
                _ = try await QueueClient(ScriptedTransport(HTTPResponse(status: 200, body: bytes)))
                    .getMessages(queue: queue, max: 1, visibility: .seconds(1))
                outcomes.read += 1
            } catch {
                guard case .unreadableReply = error.cause else {
                    Issue.record("seed \(random.seed), round \(round): \(error)")
                    return
                }
                outcomes.refused += 1
            }
        }
        #expect(outcomes.read > 100 && outcomes.refused > 100)
    }

    @Test("deleting encodes id and receipt")
    func delete() async throws {
        let transport = ScriptedTransport(204)
        try await QueueClient(transport).deleteMessage(queue: queue(), id: "id/1", popReceipt: "a+/b==")
        let request = try #require(transport.requests.first)
        #expect(request.method == .delete)
        #expect(request.url.revealed == "https://acct.queue.core.windows.net/q1/messages/id%2F1?popreceipt=a%2B%2Fb%3D%3D&\(Self.sas)")
    }

    @Test("updating gives the new receipt, and is not repeated by the transport")
    func update() async throws {
        let transport = ScriptedTransport(204, [("x-ms-popreceipt", "new==")])
        let receipt = try await QueueClient(transport).updateMessage(queue: queue(), id: "id", popReceipt: "old=", visibility: .zero)
        #expect(receipt == "new==")
        let request = try #require(transport.requests.first)
        #expect(request.method == .put)
        #expect(!request.isRepeatable)
        #expect(
            request.url.revealed == "https://acct.queue.core.windows.net/q1/messages/id?popreceipt=old%3D&visibilitytimeout=0&\(Self.sas)")
    }

    @Test("the count is read from its header")
    func count() async throws {
        let transport = ScriptedTransport(200, [("x-ms-approximate-messages-count", "123")])
        #expect(try await QueueClient(transport).approximateMessageCount(queue: queue()) == 123)
        #expect(transport.requests.first?.url.revealed == "https://acct.queue.core.windows.net/q1?comp=metadata&\(Self.sas)")
        let client = QueueClient(ScriptedTransport(200))
        let queue = try queue()
        await #expect(throws: StorageError.self) { try await client.approximateMessageCount(queue: queue) }
    }
}
