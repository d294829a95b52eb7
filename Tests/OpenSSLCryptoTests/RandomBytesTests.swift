import OpenSSLCrypto
import Testing

@Suite struct RandomBytesTests {
    @Test("random bytes differ from call to call")
    func random() {
        #expect(RandomBytes.make(16).count == 16)
        #expect(RandomBytes.make(16) != RandomBytes.make(16))
        #expect(RandomBytes.make(0).isEmpty)
    }
}
