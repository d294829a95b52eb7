package import SpoolPrimitives

/// A journal, read whole: its events in order, and questions that tests ask of it.
package struct JournalEvents: Sendable {
    package struct Event: Sendable {
        package let object: JSONValue
        package let name: String
        package var seq: Int64? { object["seq"]?.integer }
        package var file: String? { object["file"]?.text }
        package var source: String? { object["source"]?.text }
        package var code: String? { object["code"]?.text }
        package var reason: String? { object["reason"]?.text }
    }

    package private(set) var events: [Event] = []
    private static let verdictNames: Set<String> = ["succeeded", "failed", "presumed", "skipped", "unconfirmed"]

    package init() {}

    /// Of a journal's whole lines; what is torn or no JSON is left out.
    package init(parsing bytes: [UInt8]) {
        guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else { return }
        for line in bytes[..<end].split(separator: UInt8(ascii: "\n")) {
            do { try add(Array(line)) } catch { continue }
        }
    }

    package mutating func add(_ line: [UInt8]) throws {
        let object = try JSONValue(parsing: line)
        events.append(Event(object: object, name: object["event"]?.text ?? ""))
    }

    package func named(_ name: String) -> [Event] { events.filter { $0.name == name } }

    package func of(file: String) -> [Event] { events.filter { $0.file == file } }

    /// The verdict events, in order.
    package var verdicts: [Event] { events.filter { Self.verdictNames.contains($0.name) } }

    /// The first verdict of a file.
    package func verdict(of file: String) -> Event? { verdicts.first { $0.file == file } }

    /// P5: numbers from 1 on, without a gap and in order.
    package var isGapless: Bool { events.enumerated().allSatisfy { $0.element.seq == Int64($0.offset) + 1 } }

    var summary: String {
        let counts = Dictionary(grouping: events, by: \.name).mapValues(\.count).sorted { $0.key < $1.key }
        return counts.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }
}
