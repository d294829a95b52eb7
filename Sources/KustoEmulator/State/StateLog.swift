import Glibc
import NIOConcurrencyHelpers
import NIOCore

/// Every change of storage, written to `storage.log` of the state folder before it is acknowledged, so that a killed emulator that is started again has lost
/// nothing that a client was told.
///
/// The log is written without fsync: it outlives the process, not the machine. A record that a kill has torn is at the end and was never acknowledged.
final class StateLog: Sendable {
    private struct State {
        var file: Int32 = -1
        var isBroken = false
    }

    private let directory: String?
    private let state = NIOLockedValueBox(State())

    /// Nil keeps nothing.
    init(directory: String?) { self.directory = directory }

    /// Whether changes are to be kept at all.
    var isKept: Bool { directory != nil }

    private var path: String { "\(directory ?? "")/storage.log" }

    /// Adds a change. Nothing is made of it before `begin`, when the state of before is only being read.
    func append(_ record: @autoclosure () -> StateRecord) {
        guard isKept, state.withLockedValue({ $0.file >= 0 }) else { return }
        append([record()])
    }

    /// Adds several changes with one write for all.
    func append(_ records: [StateRecord]) {
        guard isKept else { return }
        let pieces = records.flatMap { Self.pieces($0) }
        state.withLockedValue { state in
            guard state.file >= 0, !state.isBroken else { return }
            for piece in Self.joined(pieces) where !Self.write(piece, to: state.file) {
                state.isBroken = true
                Files.complain("kusto-emulator: the state folder cannot be written, and keeps nothing from now on\n")
                return
            }
        }
    }

    /// The changes of before, oldest first.
    func records() throws -> [StateRecord] {
        guard isKept, access(path, F_OK) == 0 else { return [] }
        var rest = ByteBuffer(bytes: try Files.read(path))
        var records: [StateRecord] = []
        while let (head, size) = rest.readMultipleIntegers(as: (UInt32, UInt64).self), let fields = rest.readBytes(length: Int(head)),
            let payload = rest.readSlice(length: Int(size))
        {
            records.append(StateRecord(fields: try JSON.parse(fields), payload: payload))
        }
        return records
    }

    /// Puts the log as it would be written today in the place of the one that there is, and goes on with it.
    func begin(with records: [StateRecord]) throws {
        guard isKept else { return }
        let new = "\(path).new"
        let file = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw Files.Failure("open", new) }
        for piece in records.lazy.flatMap({ Self.pieces($0) }) {
            guard Self.write(piece, to: file) else { throw Files.Failure("write", new) }
        }
        guard rename(new, path) == 0 else { throw Files.Failure("rename", new) }
        state.withLockedValue { state in
            if state.file >= 0 { close(state.file) }
            state.file = file
        }
    }

    /// Ends the log.
    func end() {
        state.withLockedValue { state in
            if state.file >= 0 { close(state.file) }
            state.file = -1
        }
    }

    private static func pieces(_ record: StateRecord) -> [ByteBuffer] {
        let fields = record.fields.encodedBytes
        var head = ByteBuffer()
        head.writeMultipleIntegers(UInt32(fields.count), UInt64(record.payload.reduce(0) { $0 + $1.readableBytes }))
        head.writeBytes(fields)
        return [head] + record.payload
    }

    /// Small pieces are put together: a system call costs more than copying them.
    private static func joined(_ pieces: [ByteBuffer]) -> [ByteBuffer] {
        var result: [ByteBuffer] = []
        for piece in pieces {
            if let last = result.last, last.readableBytes + piece.readableBytes <= 1 << 20 {
                result[result.count - 1].writeImmutableBuffer(piece)
            } else {
                result.append(piece)
            }
        }
        return result
    }

    private static func write(_ buffer: ByteBuffer, to file: Int32) -> Bool {
        buffer.withUnsafeReadableBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Glibc.write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
    }
}

/// The log as one container, queue or table sees it.
struct StateRecorder: Sendable {
    let log: StateLog
    let account: String
    let resource: String

    func append(_ kind: String, _ fields: @autoclosure () -> [(String, JSON)], payload: @autoclosure () -> [ByteBuffer] = []) {
        log.append(record(kind, fields(), payload: payload()))
    }

    func record(_ kind: String, _ fields: [(String, JSON)], payload: [ByteBuffer] = []) -> StateRecord {
        StateRecord(kind, [("account", .string(account)), ("in", .string(resource))] + fields, payload: payload)
    }
}
