import SpoolPrimitives
import Testing

@Suite struct SecretTests {
    private static let url = "https://acct.blob.core.windows.net/c?sv=2024-11-04&sp=rw&sig=aB%2B/c%3D"

    @Test("a secret shows itself by no way of printing")
    func secretsDoNotPrint() throws {
        let secret = Secret("hunter2")
        let url = try #require(SecretURL(Self.url))
        var dumped = ""
        dump((secret, url, [secret], ["k": url]), to: &dumped)
        let shown = "\(secret) \(url) \(String(reflecting: secret)) \(String(reflecting: url)) \(dumped)"
        #expect(!shown.contains("hunter2"))
        #expect(!shown.contains("sig="))
        #expect(shown.contains("https://acct.blob.core.windows.net/c"))
        #expect(secret.revealed == "hunter2")
        #expect(url.revealed.contains("sig="))
    }

    @Test("the query survives byte for byte behind a longer path and our own parameters")
    func queryIsVerbatim() throws {
        let url = try #require(SecretURL(Self.url))
        #expect(url.appendingPath("a/b").revealed == "https://acct.blob.core.windows.net/c/a/b?sv=2024-11-04&sp=rw&sig=aB%2B/c%3D")
        #expect(
            url.prefixingQuery("comp=block").revealed
                == "https://acct.blob.core.windows.net/c?comp=block&sv=2024-11-04&sp=rw&sig=aB%2B/c%3D")
        #expect(url.queryValue("sig") == "aB+/c=")
        #expect(url.queryValue("se") == nil)
    }

    @Test(
        "what is no absolute http URL is refused",
        arguments: [
            "", "acct.blob.core.windows.net", "ftp://a/b", "https://", "https://u@h/", "https://h/ x", "https://h:99999/", "https://h/#f",
            "https://[::1/",
        ])
    func malformed(text: String) {
        #expect(SecretURL(text) == nil)
    }

    @Test(
        "a server is the same however it is spelled, and another scheme, host or port is another one",
        arguments: [
            ("HTTPS://Acct.Example:443/c?s", "https://acct.example:443/c?s", true), ("https://[FE80::1]/c", "https://[fe80::1]/c", true),
            ("https://acct.example:0443/c", "https://acct.example:443/c", true),
            ("https://acct.example/c", "https://acct.example:443/c", false),
            ("https://acct.example/c", "http://acct.example/c", false), ("https://a.example/c", "https://b.example/c", false),
            ("https://acct.example/c?s", "https://acct.example/c?t", false), ("https://acct.example/C", "https://acct.example/c", false),
        ])
    func servers(one: String, other: String, areSame: Bool) throws {
        let (one, other) = (try #require(SecretURL(one)), try #require(SecretURL(other)))
        #expect((one == other) == areSame)
        if areSame { #expect(Set([one, other]).count == 1) }
    }

    @Test(
        "loopback is told from the network",
        arguments: [
            ("http://127.0.0.1:8080/a", true), ("http://localhost", true), ("http://[::1]:1/x", true),
            ("http://127.0.0.1.example.com", false),
            ("http://10.0.0.1", false), ("https://localhost.example.com", false),
        ])
    func loopback(text: String, isLoopback: Bool) throws {
        #expect(try #require(SecretURL(text)).isLoopback == isLoopback)
    }
}
