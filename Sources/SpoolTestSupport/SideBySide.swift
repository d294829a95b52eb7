/// Runs `body` for each item, at most `width` at a time: for runs that wait most of their time.
///
/// - Returns: the results, in the order in which they came.
package func sideBySide<Item: Sendable, Result: Sendable>(
    _ items: [Item], atMost width: Int, _ body: @escaping @Sendable (Item) async -> Result
) async -> [Result] {
    await withTaskGroup(of: Result.self) { group in
        var results: [Result] = []
        var waiting = items[...]
        for _ in 0..<width { if let next = waiting.popFirst() { group.addTask { await body(next) } } }
        for await result in group {
            results.append(result)
            if let next = waiting.popFirst() { group.addTask { await body(next) } }
        }
        return results
    }
}
