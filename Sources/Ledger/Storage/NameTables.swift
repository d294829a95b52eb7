import Foundation
import GRDB
import KustoWire

/// The small tables that rows refer to by number, held in memory: there are as many entries as routes and containers, not as files.
struct NameTables {
    private(set) var spools: [Int64: String] = [:]
    private(set) var containers: [Int64: String] = [:]
    private(set) var properties: [Int64: IngestionProperties] = [:]
    private var containerNumbers: [String: Int64] = [:]
    private var propertiesNumbers: [IngestionProperties: Int64] = [:]
    /// What was asked for last: rows of one route come in a row, and comparing with it is cheaper than a hash of a dozen fields.
    private var latest: (properties: IngestionProperties, number: Int64)?

    init() {}

    init(reading db: Database) throws {
        for row in try Row.fetchAll(db, sql: "SELECT number, path FROM spools") { spools[row[0]] = row[1] }
        for row in try Row.fetchAll(db, sql: "SELECT number, url FROM containers") {
            containers[row[0]] = row[1]
            containerNumbers[row[1]] = row[0]
        }
        for row in try Row.fetchAll(db, sql: "SELECT number, json FROM properties") {
            let json: String = row[1]
            let value = try JSONDecoder().decode(IngestionProperties.self, from: Data(json.utf8))
            properties[row[0]] = value
            propertiesNumbers[value] = row[0]
        }
    }

    /// SQL that holds for rows whose message asks for such reports; nil where no message does. A row that was never posted, or by a ledger that is lost,
    /// counts as reporting to queues.
    func condition(reporting methods: Set<ReportMethod>) -> String? {
        let numbers = properties.filter { methods.contains($0.value.effectiveReportMethod) }.keys.sorted()
        let listed = "properties IN (\(numbers.map(String.init).joined(separator: ", ")))"
        if methods.contains(.queue) { return "(\(listed) OR properties IS NULL)" }
        return numbers.isEmpty ? nil : listed
    }

    /// The number of a spool, made at its first use.
    mutating func spool(_ path: String, _ db: Database) throws -> Int64 {
        if let known = spools.first(where: { $0.value == path }) { return known.key }
        try db.execute(sql: "INSERT INTO spools (path) VALUES (?)", arguments: [path])
        spools[db.lastInsertedRowID] = path
        return db.lastInsertedRowID
    }

    mutating func container(_ url: String, _ db: Database) throws -> Int64 {
        if let number = containerNumbers[url] { return number }
        try db.execute(sql: "INSERT INTO containers (url) VALUES (?)", arguments: [url])
        containers[db.lastInsertedRowID] = url
        containerNumbers[url] = db.lastInsertedRowID
        return db.lastInsertedRowID
    }

    mutating func properties(_ value: IngestionProperties, _ db: Database) throws -> Int64 {
        if let latest, latest.properties == value { return latest.number }
        if let number = propertiesNumbers[value] {
            latest = (value, number)
            return number
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let json = String(decoding: try encoder.encode(value), as: UTF8.self)
        try db.execute(sql: "INSERT INTO properties (json) VALUES (?)", arguments: [json])
        properties[db.lastInsertedRowID] = value
        propertiesNumbers[value] = db.lastInsertedRowID
        return db.lastInsertedRowID
    }
}
