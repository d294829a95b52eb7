import CCurl
import Glibc
import HTTPTransport

/// The thread's loop: take what callers ask, let libcurl work, hand the outcomes back, sleep in epoll.
final class CurlLoop: @unchecked Sendable {  // made by the transport, then used by the one thread that calls `run`
    private let inbox: Inbox
    private let sockets: SocketPoll
    private let multi: MultiHandle
    private let settings: TransferSettings
    private var inFlight: [UnsafeMutableRawPointer: Transfer] = [:]
    private var idle = IdleHandles()
    private var finished: [(Transfer, Transfer.Outcome)] = []

    init(_ configuration: CurlConfiguration, inbox: Inbox) throws(CurlSetupError) {
        TransferSettings.initializeLibrary
        self.inbox = inbox
        sockets = try SocketPoll(wakeDescriptor: inbox.descriptor)
        multi = try MultiHandle(configuration, sockets: sockets)
        settings = TransferSettings(configuration, sockets: sockets)
    }

    /// Returns when the inbox is closed and every transfer has its outcome.
    func run() {
        Self.blockBrokenPipeSignal()
        var isOpen = true
        while isOpen {
            // Sockets before starts: a connection that the peer has closed is then known to be dead before a request could choose it.
            let (ready, isWoken) = sockets.wait(milliseconds: multi.millisecondsToDeadline)
            if isWoken { inbox.acknowledgeWake() }
            multi.advance(ready)
            collectEnded()
            let arrivals = inbox.takeAll()
            for transfer in arrivals.starts { start(transfer) }
            for transfer in arrivals.cancels { abandon(transfer, "cancelled") }
            multi.advanceTimers()
            collectEnded()
            if arrivals.isClosed {
                for transfer in Array(inFlight.values) { abandon(transfer, "the transport is closed") }
                isOpen = false
            }
            handOver()
        }
    }

    private func start(_ transfer: Transfer) {
        if transfer.isCancelled {
            finish(transfer, .failure(.notSent(transfer.request, .cancelled, "cancelled before it was begun")))
            return
        }
        guard let easy = idle.take(transfer.shape) ?? settings.makeHandle(for: transfer.shape), settings.apply(to: easy, for: transfer),
            multi.begin(easy)
        else {
            finish(transfer, .failure(.notSent(transfer.request, .other, "libcurl has no memory for another request")))
            return
        }
        transfer.easy = easy
        inFlight[easy.raw] = transfer
    }

    /// Takes a transfer off the network before its end. One that has ended is left alone.
    private func abandon(_ transfer: Transfer, _ why: String) {
        guard let easy = transfer.easy, inFlight[easy.raw] === transfer else { return }
        finish(
            transfer,
            .failure(
                HTTPTransportError(
                    reason: .cancelled, processing: transfer.processing(hasFailedToSend: false, sentBytes: easy.requestSize),
                    operation: transfer.request.operation,
                    detail: why)))
    }

    private func collectEnded() {
        while let (raw, result) = multi.nextEnded() {
            guard let transfer = inFlight[raw], let easy = transfer.easy else { continue }
            if result == CURLE_OK {
                finish(transfer, .success(transfer.response(timing: easy.timing)))
            } else {
                finish(transfer, .failure(.curl(result, transfer, easy)))
            }
        }
    }

    private func finish(_ transfer: Transfer, _ outcome: Transfer.Outcome) {
        if let easy = transfer.easy {
            multi.end(easy)
            inFlight[easy.raw] = nil
            transfer.easy = nil
            // After a failure nobody knows what it is in the midst of.
            if case .success = outcome { idle.keep(easy) }
        }
        transfer.forgetBody()
        finished.append((transfer, outcome))
    }

    private func handOver() {
        for (transfer, outcome) in finished { transfer.continuation?.resume(returning: outcome) }
        finished.removeAll(keepingCapacity: true)
    }

    /// OpenSSL writes with write(2), which raises the signal on a closed connection; libcurl was told to leave signals alone.
    private static func blockBrokenPipeSignal() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}
