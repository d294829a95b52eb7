/// Hidden messages ordered by the time at which they become visible: a binary heap, so that a hundred thousand of them cost a logarithm each.
struct VisibilityHeap: Sendable {
    struct Entry: Sendable {
        let visible: Moment
        let id: String
        let generation: Int
    }

    private var entries: [Entry] = []

    var earliest: Moment? { entries.first?.visible }

    mutating func push(_ entry: Entry) {
        entries.append(entry)
        var index = entries.count - 1
        while index > 0 {
            let parent = (index - 1) / 2
            guard entries[index].visible < entries[parent].visible else { return }
            entries.swapAt(index, parent)
            index = parent
        }
    }

    mutating func pop() -> Entry? {
        guard let first = entries.first, let last = entries.popLast() else { return nil }
        guard !entries.isEmpty else { return first }
        entries[0] = last
        var index = 0
        while true {
            let (left, right) = (2 * index + 1, 2 * index + 2)
            var smallest = index
            if left < entries.count, entries[left].visible < entries[smallest].visible { smallest = left }
            if right < entries.count, entries[right].visible < entries[smallest].visible { smallest = right }
            guard smallest != index else { return first }
            entries.swapAt(index, smallest)
            index = smallest
        }
    }
}
