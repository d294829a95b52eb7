import Foundation
import SpoolPrimitives

/// An ingestion message, as the service reads it: by Foundation's parser, not by the daemon's.
struct IngestionText {
    var id: String
    var url: SecretURL
    /// Host and path.
    var blob: String
    var rawSize: Int?
    var table: String
    var reportLevel: Int
    var token: String?

    init?(base64 text: String) {
        guard let data = Data(base64Encoded: text) else { return nil }
        let json: Any
        do { json = try JSONSerialization.jsonObject(with: data) } catch { return nil }
        guard let fields = json as? [String: Any], let id = fields["Id"] as? String, let path = fields["BlobPath"] as? String,
            let url = SecretURL(path), let table = fields["TableName"] as? String, let level = fields["ReportLevel"] as? Int
        else { return nil }
        self.id = id
        self.url = url
        blob = url.host + url.path
        rawSize = fields["RawDataSize"] as? Int
        self.table = table
        reportLevel = level
        token = (fields["AdditionalProperties"] as? [String: Any])?["authorizationContext"] as? String
    }
}

func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

extension String {
    /// What stands between the two marks, each time.
    func components(between open: String, and close: String) -> [String] {
        components(separatedBy: open).dropFirst().compactMap { $0.components(separatedBy: close).first }
    }
}
