/// What came of a run.
struct RunResult: Sendable {
    var failures: [String]
    var trace: [String]
    var steps: Int
    var faults: Int
    var crashes: Int
    var files: Int
    var posts: Int

    var isGood: Bool { failures.isEmpty }
}

extension Schedule {
    /// Runs it in a world of its own. Blocks the thread, which is the world's.
    func run(sabotage: Sabotage? = nil) -> RunResult {
        let world = World(self, sabotage: sabotage)
        defer { world.remove() }
        world.run()
        return RunResult(
            failures: world.failures, trace: world.trace.lines, steps: world.loop.steps, faults: world.cloud.faultsMet,
            crashes: world.crashesMet,
            files: world.fleet.files.count, posts: world.cloud.posts.count)
    }

    /// The smallest schedule found that still fails, by taking out ever smaller shares of its decisions.
    func shrunk(sabotage: Sabotage? = nil, attempts: Int = 200) -> Schedule {
        var best = self
        var share = max(kept.count / 2, 1)
        var left = attempts
        while left > 0 {
            var improved = false
            var index = 0
            while index < best.kept.count, left > 0 {
                let order = best.kept.sorted()
                let rest = order[..<index] + order[min(index + share, order.count)...]
                left -= 1
                let candidate = best.keeping(rest)
                if !candidate.run(sabotage: sabotage).isGood {
                    best = candidate
                    improved = true
                } else {
                    index += share
                }
            }
            if share == 1, !improved { break }
            share = max(share / 2, 1)
        }
        return best
    }

    /// How to have it again.
    var command: String {
        let indices = kept.sorted().map(String.init).joined(separator: ",")
        return "KUSTO_SPOOL_SIM_SEED=\(seed) KUSTO_SPOOL_SIM_KEEP=\(indices.isEmpty ? "none" : indices) swift test --filter SimulationTests"
    }
}
