import IngestionEngine
import KustoWire
import SpoolDirectory
import SpoolPrimitives

/// What a schedule's world is like: the configuration of the daemon and the habits of the machine.
struct Settings: Sendable {
    struct SpoolSettings: Sendable {
        var deletesOnSuccess: Bool
        var reportsFailuresOnly: Bool
        var isAnxious: Bool
        var completeness: Completeness.Rule
        var reportMethod: ReportMethod
        var coalescing: CoalescingRules? = nil
        var compresses = true
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
    /// What a commit or a file operation takes at the most.
    var diskDelay: Duration

    static let marker = ".ok"

    /// One spool, an ordinary disk, nothing unusual.
    static func plain(_ adjust: (inout Settings) -> Void = { _ in }) -> Settings {
        var settings = Settings(Dice(0))
        settings.spools = [
            SpoolSettings(
                deletesOnSuccess: false, reportsFailuresOnly: false, isAnxious: false, completeness: .closed, reportMethod: .queue)
        ]
        settings.repostsAfter = .seconds(60)
        settings.deadline = .seconds(300)
        settings.blockSize = .mebibytes(1)
        settings.concurrency = 64
        settings.leavesForeign = false
        settings.disorder = 0
        settings.signatureLife = .seconds(24 * 3600)
        settings.journalRotatesAt = .mebibytes(1)
        settings.accounts = 1
        settings.diskDelay = .zero
        adjust(&settings)
        return settings
    }

    init(_ dice: Dice) {
        spools = (0..<(dice.chance(30, "two spools") ? 2 : 1)).map { n in
            SpoolSettings(
                deletesOnSuccess: dice.chance(30, "deletes", n), reportsFailuresOnly: dice.chance(20, "failures only", n),
                isAnxious: dice.chance(20, "anxious", n),
                completeness: dice.pick([.closed, .closed, .rename, .quiet, .marker(suffix: Self.marker)], "completeness", n),
                reportMethod: dice.pick([.queue, .queue, .queue, .table, .queueAndTable], "method", n),
                coalescing: dice.chance(40, "coalesces", n) ? Self.coalescing(dice, n) : nil,
                compresses: !dice.chance(30, "uncompressed", n))
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
        diskDelay = dice.pick([.zero, .zero, .milliseconds(20), .milliseconds(700)], "disk delay")
    }

    private static func coalescing(_ dice: Dice, _ n: Int) -> CoalescingRules {
        CoalescingRules(
            maximumFiles: dice.pick([2, 3, 1000], "whole files", n),
            maximumBytes: ByteCount(dice.pick([400, 4000, 1 << 20], "whole bytes", n)),
            maximumWait: dice.pick([.milliseconds(10), .seconds(5), .seconds(30)], "whole wait", n))
    }
}
