import SpoolConfiguration
import Testing

/// One row a case: what an operator wrote, and every complaint about it, to the column.
@Suite struct ComplaintTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var rule: String
        var yaml: String
        var complaints: [String]
        var testDescription: String { rule }

        init(_ rule: String, _ yaml: String, _ complaints: [String]) {
            self.rule = rule
            self.yaml = yaml
            self.complaints = complaints
        }
    }

    static let cluster = """
        cluster:
          ingestion_uri: https://ingest-c.westeurope.kusto.windows.net
          credential: { kind: static_token, token: credential:token }

        """

    static let spool = """
        spools:
          - path: /spool/a
            database: D
            table: T
            format: csv

        """

    static let valid = cluster + spool

    /// The complaints about `yaml`, one a line, in a file named `f`.
    static func complaints(_ yaml: String) -> [String] {
        do throws(ConfigurationError) {
            return try Configuration.load([ConfigurationSource(file: "f", text: yaml)]).warnings.map(\.description)
        } catch {
            return error.complaints.map(\.description)
        }
    }

    @Test("each fault is complained of at its place, all at once", arguments: cases)
    func complains(of example: Case) {
        #expect(Self.complaints(example.yaml) == example.complaints)
    }
}
