import EntraAuth
import SpoolPrimitives
import SpoolTestSupport
import Testing

@Suite struct SecretFileTests {
    @Test(
        "one line end after the secret is dropped, and nothing else",
        arguments: [("s", "s"), ("s\n", "s"), ("s\r\n", "s"), ("s\n\n", "s\n"), (" s ", " s "), ("a\nb\n", "a\nb")])
    func trimming(content: String, secret: String) async throws {
        try await TemporaryDirectory.with { scratch in
            let directory = scratch.path
            try TextFile.write(content, to: "\(directory)/s")
            let contents = try await SecretFile("\(directory)/s").load()
            #expect(contents.secret.revealed == secret)
            #expect(contents.warning == nil)
            #expect(!"\(contents)".contains("revealed"))
        }
    }

    @Test("a credential is found by its name, and its mode is systemd's business")
    func credential() async throws {
        try await TemporaryDirectory.with { scratch in
            let directory = scratch.path
            try TextFile.write("s", to: "\(directory)/app", mode: 0o440)
            let contents = try await SecretFile("credential:app", credentialsDirectory: directory).load()
            #expect(contents.secret.revealed == "s")
            #expect(contents.warning == nil)
        }
    }

    @Test("a file that others can read is warned about", arguments: [0o640, 0o604, 0o644])
    func mode(mode: UInt32) async throws {
        try await TemporaryDirectory.with { scratch in
            let directory = scratch.path
            try TextFile.write("s", to: "\(directory)/s", mode: mode)
            let contents = try await SecretFile("\(directory)/s").load()
            #expect(contents.warning == .readableByOthers("\(directory)/s", mode: mode))
            #expect(contents.warning?.description.contains("chmod go= \(directory)/s") == true)
        }
    }

    @Test(
        "what is no reference is refused, and not shown: it may be the secret itself",
        arguments: ["hunter2", "", "credential:", "credential:a/b", "credential:.."])
    func references(text: String) {
        #expect {
            try SecretFile(text, credentialsDirectory: "/run/credentials")
        } throws: { error in
            !"\(error)".contains("hunter2")
        }
    }

    @Test("a credential without systemd says what is missing")
    func noDirectory() {
        #expect(throws: SecretFileError.noCredentialsDirectory("app")) { try SecretFile("credential:app", credentialsDirectory: nil) }
    }

    @Test("what is no secret is refused")
    func refused() async throws {
        try await TemporaryDirectory.with { scratch in
            let directory = scratch.path
            try TextFile.write("", to: "\(directory)/empty")
            try TextFile.write("\n", to: "\(directory)/line")
            try TextFile.write([0x61, 0, 0x62], to: "\(directory)/zero")
            try TextFile.write([0xFF, 0xFE], to: "\(directory)/binary")
            try TextFile.write([UInt8](repeating: 0x61, count: 65_537), to: "\(directory)/large")
            try Command.run("mkfifo", "\(directory)/pipe")
            let table: [(String, SecretFileError)] = [
                ("empty", .empty("\(directory)/empty")), ("line", .empty("\(directory)/line")), ("zero", .notText("\(directory)/zero")),
                ("binary", .notText("\(directory)/binary")), ("large", .tooLarge("\(directory)/large")),
                ("pipe", .notAFile("\(directory)/pipe")),
                ("none", .unreadable("\(directory)/none", 2)),
            ]
            for (name, expected) in table {
                await #expect(throws: expected) { try await SecretFile("\(directory)/\(name)").load() }
            }
        }
    }
}
