import SpoolDirectory

/// A name from a literal of a test.
func name(_ text: String) -> FileName {
    guard let name = FileName(text) else { preconditionFailure("\(text) is no name") }
    return name
}

func name(_ bytes: [UInt8]) -> FileName {
    guard let name = FileName(bytes: bytes) else { preconditionFailure("\(bytes) is no name") }
    return name
}

func path(_ text: String) -> RelativePath {
    guard let path = RelativePath(displayText: text) else { preconditionFailure("\(text) is no path") }
    return path
}

func claimName(_ counter: Int64) -> ClaimName { ClaimName(ledger: "11111111-2222-4333-8444-555555555555", counter: counter) }

/// What the tests about names try: everything that a producer may call a file.
let awkwardNames: [FileName] = [
    name("plain.csv"), name("with space.csv"), name("quote\"and'quote"), name("100%.csv"), name("%2e%2e"), name("new\nline"),
    name("tab\tbell\u{7}"),
    name("back\\slash"), name("\\x41"), name("-rf"), name("*?[a]"), name("ümlaut"), name("u\u{308}mlaut"), name("日本語.json"),
    name("\u{202E}csv.exe"),
    name([0xFF, 0xFE, 0x41]), name([0xC3]), name([0xE2, 0x82]), name([0xC2, 0x85]), name(Array(repeating: UInt8(ascii: "n"), count: 255)),
    name(Array(repeating: 0xFF, count: 255)), name(String(repeating: "é", count: 127)), name(" "), name("~"), name("a.~2~"),
]
