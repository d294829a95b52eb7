import SpoolPrimitives
import Testing

@Suite struct ProgramTextTests {
    @Test("the program's code can be let go while it runs, and comes back as it is reached")
    func letGo() {
        let bytes = ProgramText.letGo()
        // This test's own code is among it.
        #expect(bytes > 1 << 20)
        #expect(ProgramText.letGo() == bytes)
    }
}
