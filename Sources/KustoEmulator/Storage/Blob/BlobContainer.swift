import NIOConcurrencyHelpers
import NIOCore

/// A container of block blobs, with the blocks that are not committed yet.
final class BlobContainer: Sendable {
    /// One item of a Put Block List: where its writer wants the block to come from.
    struct BlockReference: Sendable {
        enum Source: Sendable {
            case committed
            case uncommitted
            case latest
        }

        let source: Source
        let id: String
    }

    /// The stored properties that a write sets.
    struct Properties: Sendable {
        var contentType = "application/octet-stream"
        var md5: String?
        var metadata: [(name: String, value: String)] = []
    }

    private struct State {
        var blobs: [String: Blob] = [:]
        var staged: [String: [String: ByteBuffer]] = [:]
        var writes = 0
    }

    let name: String
    private let clock: EmulatorClock
    private let recorder: StateRecorder
    private let state = NIOLockedValueBox(State())

    init(name: String, clock: EmulatorClock, recorder: StateRecorder) {
        self.name = name
        self.clock = clock
        self.recorder = recorder
    }

    func blob(_ name: String) -> Blob? { state.withLockedValue { $0.blobs[name] } }

    var names: [String] { state.withLockedValue { $0.blobs.keys.sorted() } }

    var count: Int { state.withLockedValue { $0.blobs.count } }

    /// Writes a whole blob; what was staged for that name is gone, as in the real service.
    func put(_ name: String, _ bytes: ByteBuffer, _ properties: Properties) -> Blob {
        state.withLockedValue { state in
            state.staged[name] = nil
            return commit(name, [Blob.Block(id: "", bytes: bytes)], properties, &state, at: clock.now)
        }
    }

    /// Stages a block.
    func stage(_ name: String, id: String, _ bytes: ByteBuffer) throws(StorageError) {
        let accepted = state.withLockedValue { state -> Bool in
            let staged = state.staged[name] ?? [:]
            if let first = staged.first?.key, first.utf8.count != id.utf8.count { return false }
            state.staged[name, default: [:]][id] = bytes
            recorder.append("block", [("name", .string(name)), ("id", .string(id))], payload: [bytes])
            return true
        }
        // All ids of one blob have the same length; the service says it with this code.
        guard accepted else { throw .invalidBlobOrBlock }
    }

    /// Commits a list of blocks. The staged ones that it does not name are dropped.
    func commit(_ name: String, _ references: [BlockReference], _ properties: Properties) throws(StorageError) -> Blob {
        let blob = state.withLockedValue { state -> Blob? in
            let staged = state.staged[name] ?? [:]
            let committed = Dictionary(
                (state.blobs[name]?.blocks ?? []).filter { !$0.id.isEmpty }.map { ($0.id, $0.bytes) },
                uniquingKeysWith: { first, _ in first })
            var blocks: [Blob.Block] = []
            for reference in references {
                let bytes =
                    switch reference.source {
                    case .committed: committed[reference.id]
                    case .uncommitted: staged[reference.id]
                    case .latest: staged[reference.id] ?? committed[reference.id]
                    }
                guard let bytes else { return nil }
                blocks.append(Blob.Block(id: reference.id, bytes: bytes))
            }
            state.staged[name] = nil
            return commit(name, blocks, properties, &state, at: clock.now)
        }
        guard let blob else { throw .invalidBlockList }
        return blob
    }

    /// Removes a blob; false where there was none.
    func delete(_ name: String) -> Bool {
        state.withLockedValue { state in
            guard state.blobs.removeValue(forKey: name) != nil else { return false }
            recorder.append("blob-gone", [("name", .string(name))])
            return true
        }
    }

    /// Puts a blob back as it was, after a restart.
    func restore(_ blob: Blob) {
        state.withLockedValue { state in
            state.staged[blob.name] = nil
            state.blobs[blob.name] = blob
        }
    }

    /// Puts a staged block back.
    func restore(block id: String, of name: String, _ bytes: ByteBuffer) {
        state.withLockedValue { $0.staged[name, default: [:]][id] = bytes }
    }

    /// Everything in it, to be written down.
    var records: [StateRecord] {
        state.withLockedValue { state in
            state.blobs.values.map { recorder.record("blob", $0.stateFields, payload: $0.statePayload) }
                + state.staged.flatMap { name, blocks in
                    blocks.map { recorder.record("block", [("name", .string(name)), ("id", .string($0))], payload: [$1]) }
                }
        }
    }

    private func commit(
        _ name: String, _ blocks: [Blob.Block], _ properties: Properties, _ state: inout State, at now: Moment
    ) -> Blob {
        state.writes += 1
        let blob = Blob(
            name: name, blocks: blocks, contentType: properties.contentType, md5: properties.md5, metadata: properties.metadata,
            etag: "\"0x8D\(String(now.microseconds &* 31 &+ Int64(state.writes), radix: 16, uppercase: true))\"",
            created: state.blobs[name]?.created ?? now, modified: now)
        state.blobs[name] = blob
        recorder.append("blob", blob.stateFields, payload: blob.statePayload)
        return blob
    }
}
