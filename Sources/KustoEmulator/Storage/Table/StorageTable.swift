import NIOConcurrencyHelpers

/// A table of an account: entities by key, in their order.
final class StorageTable: Sendable {
    /// What an update asks of the entity that is there.
    enum Condition: Sendable {
        /// No `If-Match`: the entity may be missing, and is made then.
        case none
        /// `*`
        case exists
        case etag(String)
    }

    /// A part of a query's answer.
    struct Page: Sendable {
        let entities: [TableEntity]
        /// Where the next page starts; nil at the end.
        let next: TableEntity.Key?
    }

    private struct State {
        var entities: [TableEntity.Key: TableEntity] = [:]
        /// The keys in order. Inserting moves what is behind, which is cheap enough for the hundred thousand of a test.
        var keys: [TableEntity.Key] = []
        var latest = Moment(microseconds: 0)

        /// The time of a write, which also makes its etag: no two are alike.
        mutating func stamp(_ clock: EmulatorClock) -> Moment {
            latest = max(clock.now, Moment(microseconds: latest.microseconds + 1))
            return latest
        }

        func position(_ key: TableEntity.Key) -> Int {
            var (low, high) = (0, keys.count)
            while low < high {
                let middle = (low + high) / 2
                if keys[middle] < key { low = middle + 1 } else { high = middle }
            }
            return low
        }
    }

    static let maximumPage = 1000

    let name: String
    private let clock: EmulatorClock
    private let recorder: StateRecorder
    private let state = NIOLockedValueBox(State())

    init(name: String, clock: EmulatorClock, recorder: StateRecorder) {
        self.name = name
        self.clock = clock
        self.recorder = recorder
    }

    var count: Int { state.withLockedValue { $0.entities.count } }

    /// Every entity in order.
    var contents: [TableEntity] { state.withLockedValue { state in state.keys.compactMap { state.entities[$0] } } }

    func entity(_ key: TableEntity.Key) -> TableEntity? { state.withLockedValue { $0.entities[key] } }

    func insert(_ key: TableEntity.Key, _ properties: [TableEntity.Property]) throws(StorageError) -> TableEntity {
        let entity = state.withLockedValue { state -> TableEntity? in
            guard state.entities[key] == nil else { return nil }
            return store(TableEntity(key: key, properties: properties, timestamp: state.stamp(clock)), &state)
        }
        guard let entity else { throw .entityAlreadyExists }
        return entity
    }

    /// Merges properties into an entity, or puts them in the place of those that it had.
    func update(
        _ key: TableEntity.Key, _ properties: [TableEntity.Property], _ condition: Condition, merging: Bool
    ) throws(StorageError) -> TableEntity {
        let result = state.withLockedValue { state -> Result<TableEntity, StorageError> in
            if let error = Self.judge(condition, state.entities[key]) { return .failure(error) }
            let stamp = state.stamp(clock)
            var entity = TableEntity(key: key, properties: properties, timestamp: stamp)
            if merging, var existing = state.entities[key] {
                existing.merge(properties)
                existing.timestamp = stamp
                entity = existing
            }
            do throws(StorageError) { try entity.validate() } catch { return .failure(error) }
            return .success(store(entity, &state))
        }
        return try result.get()
    }

    func delete(_ key: TableEntity.Key, _ condition: Condition) throws(StorageError) {
        let error = state.withLockedValue { state -> StorageError? in
            guard let existing = state.entities[key] else { return .resourceNotFound }
            if let error = Self.judge(condition, existing) { return error }
            state.entities[key] = nil
            state.keys.remove(at: state.position(key))
            recorder.append("entity-gone", key.stateFields)
            return nil
        }
        if let error { throw error }
    }

    /// The entities that match, from a key on, and where to go on.
    func query(_ filter: TableFilter?, from start: TableEntity.Key?, limit: Int) -> Page {
        state.withLockedValue { state in
            let (first, last) = filter?.partitions ?? (nil, nil)
            let lowest = first.map { TableEntity.Key(partition: $0, row: "") }
            var index = max(start.map(state.position) ?? 0, lowest.map(state.position) ?? 0)
            var found: [TableEntity] = []
            while index < state.keys.count {
                let key = state.keys[index]
                if let last, key.partition > last { break }
                guard found.count < limit else { return Page(entities: found, next: key) }
                if let entity = state.entities[key], filter?.matches(entity) ?? true { found.append(entity) }
                index += 1
            }
            return Page(entities: found, next: nil)
        }
    }

    /// Puts an entity back as it was, after a restart.
    func restore(_ entity: TableEntity) {
        state.withLockedValue { state in
            state.latest = max(state.latest, entity.timestamp)
            _ = store(entity, &state)
        }
    }

    /// Removes what was put back.
    func forget(_ key: TableEntity.Key) {
        state.withLockedValue { state in
            if state.entities.removeValue(forKey: key) != nil { state.keys.remove(at: state.position(key)) }
        }
    }

    /// Everything in it, to be written down.
    var records: [StateRecord] { contents.map { recorder.record("entity", $0.stateFields) } }

    private static func judge(_ condition: Condition, _ existing: TableEntity?) -> StorageError? {
        switch (condition, existing) {
        case (.none, _), (.exists, .some): nil
        case (.exists, nil), (.etag, nil): .resourceNotFound
        case (.etag(let etag), .some(let existing)): existing.etag == etag ? nil : .updateConditionNotSatisfied
        }
    }

    private func store(_ entity: TableEntity, _ state: inout State) -> TableEntity {
        recorder.append("entity", entity.stateFields)
        if state.entities.updateValue(entity, forKey: entity.key) == nil {
            state.keys.insert(entity.key, at: state.position(entity.key))
        }
        return entity
    }
}
