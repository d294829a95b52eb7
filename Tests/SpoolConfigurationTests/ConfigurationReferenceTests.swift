import SpoolConfiguration
import Testing

@Suite struct ConfigurationReferenceTests {
    @Test("the reference page has every section and key that the parser knows")
    func page() {
        let page = ConfigurationReference.markdown()
        for section in [
            "## Top level", "## `cluster`", "## `cluster.credential`", "## `spools[]`", "## `spools[].report`", "## `spools[].on_success`",
            "## `spools[].complete`", "## `notifications`", "## `journal`", "## `limits`", "## `log`",
        ] {
            #expect(page.contains("\n\(section)\n"), "\(section)")
        }
        for row in [
            "| `ingestion_uri` | https://ingest-\\<cluster>.\\<region>.kusto.windows.net | required |",
            "| `quiet` | a whole number with a unit",
            "| `keep` |", "| `deadline` | a whole number with a unit (ms, s, min, h, days), from 1 s to 7 days | `24 h` |",
            "| `dedupe` | one of none, ingest_by | `none` |", "| `method` | one of queue, table, both | `queue` |",
            "| `engine_uri` | https://\\<cluster>.\\<region>.kusto.windows.net | none |",
        ] {
            #expect(page.contains(row), "\(row)")
        }
    }

    @Test("every key that the page names is one that the parser knows: none is an unknown key where it belongs")
    func keysAreKnown() {
        var section = ""
        var keys = 0
        for line in ConfigurationReference.markdown().split(separator: "\n") {
            if line.hasPrefix("## ") { section = line.contains("`") ? String(line.split(separator: "`")[1]) : "" }
            guard line.hasPrefix("| `") else { continue }
            keys += 1
            let key = String(line.split(separator: "`")[1])
            let yaml = Self.yaml(section: section, key: key)
            for complaint in ComplaintTests.complaints(yaml) {
                #expect(!complaint.contains("unknown key"), "\(section) \(key): \(complaint)")
            }
            // The detector sees what it looks for.
            #expect(ComplaintTests.complaints(Self.yaml(section: section, key: "qqqqq")).contains { $0.contains("unknown key") })
        }
        #expect(keys > 40)
    }

    private static func yaml(section: String, key: String) -> String {
        switch section {
        case "": "\(key): {}\n"
        case "spools[]": "spools:\n  - \(key): {}\n"
        case "cluster.credential": "cluster:\n  credential:\n    \(key): {}\n"
        default:
            if section.hasPrefix("spools[].") {
                "spools:\n  - \(section.dropFirst("spools[].".count)):\n      \(key): {}\n"
            } else {
                "\(section):\n  \(key): {}\n"
            }
        }
    }
}
