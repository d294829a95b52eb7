import SpoolPrimitives

/// What `fsck` says.
struct FsckReport {
    var spools: Int
    var result = SystemCheck.Result()
    var repaired: [Difference] = []
    /// Spools that could not be repaired, and why.
    var refused: [String] = []

    init(spools: Int) { self.spools = spools }

    /// How many of a kind are printed for people.
    private static let shown = 20

    var text: String {
        var text = ""
        for difference in repaired { text += "repaired: \(difference.kind.rawValue)  \(difference.subject)\n" }
        for message in refused { text += "not repaired: \(message)\n" }
        let differences = result.differences
        for kind in differences.kinds {
            text += "\(kind.rawValue): \(kind.meaning).\n"
            for difference in differences.differences(kind).prefix(Self.shown) {
                text += "    \(difference.subject)\(difference.detail.map { "  (\($0))" } ?? "")\n"
            }
            let hidden = differences.count(kind) - Self.shown
            if hidden > 0 { text += "    and \(hidden) more: --json lists them\n" }
            text += "  \(kind.advice).\n"
        }
        return text + summary
    }

    private var summary: String {
        func some(_ count: Int, _ what: String) -> String { "\(count) \(what)\(count == 1 ? "" : "s")" }
        let seen = "\(some(spools, "spool")), \(some(result.rows, "row")), \(some(result.lines, "journal line")): "
        let count = result.differences.count
        let notes = result.differences.notes
        return seen + (count == 0 ? "no differences" : some(count, "difference")) + (notes == 0 ? "" : ", \(some(notes, "note"))") + "\n"
    }

    var json: String {
        var writer = JSONWriter()
        writer.object { object in
            object.field("sound", result.differences.count == 0)
            object.field("spools", spools)
            object.field("rows", result.rows)
            object.field("journal_lines", result.lines)
            object.field("count", result.differences.count)
            object.field("notes", result.differences.notes)
            object.key("differences")
            object.array { list in
                for kind in result.differences.kinds {
                    for difference in result.differences.differences(kind) { Self.encode(difference, into: &list) }
                }
            }
            object.key("repaired")
            object.array { list in
                for difference in repaired { Self.encode(difference, into: &list) }
            }
            object.key("not_repaired")
            object.array { list in
                for message in refused { list.value(message) }
            }
        }
        writer.newline()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func encode(_ difference: Difference, into list: inout JSONWriter) {
        list.object { object in
            object.field("name", difference.kind.rawValue)
            object.field("subject", difference.subject)
            object.field("detail", ifPresent: difference.detail)
            object.field("remedy", difference.kind.remedy.rawValue)
            object.field("meaning", difference.kind.meaning)
            object.field("advice", difference.kind.advice)
        }
    }
}
