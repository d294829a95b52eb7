import Glibc
import SpoolPrimitives
import SpoolTestSupport

/// A table of what a run found, for people and for programs: printed, and written as Markdown and JSON where `KUSTO_SPOOL_MATRICES` names a directory, from
/// where the documentation takes it.
struct Matrix: Sendable {
    /// The files' name, and the section's in the documentation.
    var name: String
    /// One sentence that the rows do not say.
    var caption: String
    var columns: [String]
    private(set) var rows: [[String]] = []

    init(_ name: String, caption: String, columns: [String]) {
        self.name = name
        self.caption = caption
        self.columns = columns
    }

    mutating func add(_ cells: [String]) {
        precondition(cells.count == columns.count, "\(name): \(cells) does not fit \(columns)")
        rows.append(cells)
    }

    /// Whether this run is the long one; a short form is part of every `make test`.
    static let isLong = variable("KUSTO_SPOOL_FAULTS") == "long"

    static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    var markdown: String {
        func line(_ cells: [String]) -> String { "| " + cells.map { $0.isEmpty ? " " : $0 }.joined(separator: " | ") + " |" }
        return ([caption, "", line(columns), line(columns.map { _ in "---" })] + rows.map(line)).joined(separator: "\n") + "\n"
    }

    private var json: [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.field("name", name)
            writer.field("caption", caption)
            writer.field("form", Self.isLong ? "long" : "short")
            writer.key("rows")
            writer.array { writer in
                for row in rows {
                    writer.object { writer in for (column, cell) in zip(columns, row) { writer.field(column, cell) } }
                }
            }
        }
        writer.newline()
        return writer.bytes
    }

    /// Prints the table, and writes it where it is asked for.
    func publish() throws {
        print("\n\(name)\n\(markdown)")
        guard let directory = Self.variable("KUSTO_SPOOL_MATRICES") else { return }
        for (ending, bytes) in [("md", Array(markdown.utf8)), ("json", json)] {
            guard let file = fopen("\(directory)/\(name).\(ending)", "w") else {
                throw TestSupportError("\(directory)/\(name).\(ending) cannot be written: \(SystemErrno.current)")
            }
            defer { fclose(file) }
            guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw TestSupportError("\(name).\(ending) was cut off") }
        }
    }
}
