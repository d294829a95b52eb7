import NIOCore

/// One change of what the cloud holds, as the state folder's log keeps it: a few fields, and bytes where there are any.
struct StateRecord: Sendable {
    let fields: JSON
    var payload: [ByteBuffer] = []

    init(_ kind: String, _ fields: [(String, JSON)], payload: [ByteBuffer] = []) {
        self.fields = .object([JSON.Member(name: "kind", value: .string(kind))] + fields.map { JSON.Member(name: $0.0, value: $0.1) })
        self.payload = payload
    }

    init(fields: JSON, payload: ByteBuffer) {
        self.fields = fields
        self.payload = [payload]
    }

    var kind: String { text("kind") }

    var bytes: ByteBuffer { payload.first ?? ByteBuffer() }

    func text(_ name: String) -> String { fields[name]?.text ?? "" }

    func moment(_ name: String) -> Moment? { fields[name]?.integer.map { Moment(microseconds: Int64($0)) } }
}

extension Moment {
    var json: JSON { .integer(microseconds) }
}
