import SpoolPrimitives

/// What a schedule's world is like: the configuration of the daemon and the habits of the machine.
struct Settings: Sendable {
    struct SpoolSettings: Sendable {
        var deletesOnSuccess: Bool
        var reportsFailuresOnly: Bool
        var isAnxious: Bool
    }

    var spools: [SpoolSettings]
    var repostsAfter: Duration
    var deadline: Duration
    var blockSize: ByteCount
    var concurrency: Int
    var leavesForeign: Bool
    /// Of a hundred jobs, how many do not wait for their turn.
    var disorder: Int
    var signatureLife: Duration
    var journalRotatesAt: ByteCount
    var accounts: Int

    init(_ dice: Dice) {
        spools = (0..<(dice.chance(30, "two spools") ? 2 : 1)).map { n in
            SpoolSettings(
                deletesOnSuccess: dice.chance(30, "deletes", n), reportsFailuresOnly: dice.chance(20, "failures only", n),
                isAnxious: dice.chance(20, "anxious", n))
        }
        repostsAfter = dice.pick([.seconds(10), .seconds(60), .seconds(200)], "reposts after")
        deadline = dice.pick([.seconds(60), .seconds(300), .seconds(600)], "deadline")
        blockSize = ByteCount(dice.pick([700, 2000, 1 << 20], "block size"))
        concurrency = dice.pick([1, 3, 64], "concurrency")
        leavesForeign = dice.chance(20, "leaves foreign")
        disorder = dice.pick([0, 20, 60], "disorder percent")
        signatureLife = dice.pick([.seconds(300), .seconds(3 * 3600), .seconds(24 * 3600), .seconds(24 * 3600)], "signature")
        journalRotatesAt = ByteCount(dice.pick([600, 4000, 1 << 20], "rotate"))
        accounts = dice.pick([1, 2, 3], "accounts")
    }
}
