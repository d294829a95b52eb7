import CCurl
import SpoolPrimitives

/// libcurl's multi handle: the connections, and the transfers that run over them.
///
/// libcurl says by callback which sockets and which deadline it waits for; both callbacks run inside `begin`, `end` and `advance`, on the
/// loop's thread, to which all of this is confined.
final class MultiHandle {
    private let raw: UnsafeMutableRawPointer
    private let sockets: SocketPoll
    private let time = SystemTime()
    /// When libcurl wants to be called although no socket is ready, on the monotonic clock.
    private var deadline: Duration?

    init(_ configuration: CurlConfiguration, sockets: SocketPoll) throws(CurlSetupError) {
        guard let raw = curl_multi_init() else { throw CurlSetupError("curl_multi_init: out of memory") }
        self.raw = raw
        self.sockets = sockets
        _ = ksc_multi_set_long(raw, CURLMOPT_PIPELINING, Int(CURLPIPE_NOTHING))
        _ = ksc_multi_set_long(raw, CURLMOPT_MAXCONNECTS, configuration.maximumConnections)
        let me = Unmanaged.passUnretained(self).toOpaque()
        _ = ksc_multi_set_pointer(raw, CURLMOPT_SOCKETDATA, me)
        _ = ksc_multi_set_pointer(raw, CURLMOPT_TIMERDATA, me)
        _ = ksc_multi_set_socket_callback(raw) { _, socket, what, me, _ in
            guard let me else { return 0 }
            Unmanaged<MultiHandle>.fromOpaque(me).takeUnretainedValue().socketChanged(socket, what)
            return 0
        }
        _ = ksc_multi_set_timer_callback(raw) { _, milliseconds, me in
            guard let me else { return 0 }
            Unmanaged<MultiHandle>.fromOpaque(me).takeUnretainedValue().timerChanged(milliseconds)
            return 0
        }
    }

    deinit { curl_multi_cleanup(raw) }

    /// - Returns: false when libcurl refuses the handle, which it does for lack of memory only.
    func begin(_ easy: EasyHandle) -> Bool { curl_multi_add_handle(raw, easy.raw) == CURLM_OK }

    /// Takes a transfer off, ended or not. Not to be called from a callback.
    func end(_ easy: EasyHandle) { curl_multi_remove_handle(raw, easy.raw) }

    /// Lets libcurl work on sockets that are ready.
    func advance(_ ready: [SocketPoll.Ready]) {
        var running: Int32 = 0
        for socket in ready {
            var mask: Int32 = 0
            if socket.isReadable { mask |= Int32(CURL_CSELECT_IN) }
            if socket.isWritable { mask |= Int32(CURL_CSELECT_OUT) }
            if socket.isBroken { mask |= Int32(CURL_CSELECT_ERR) }
            curl_multi_socket_action(raw, socket.socket, mask, &running)
        }
    }

    /// Lets libcurl work on what is due: transfers that were begun, time-outs.
    func advanceTimers() {
        // A turn's work may make the next deadline "now"; each pass has less to do, and the bound is a guard against a library that disagrees.
        for _ in 0..<16 {
            guard let due = deadline, due <= time.monotonicNow else { return }
            deadline = nil
            var running: Int32 = 0
            curl_multi_socket_action(raw, CURL_SOCKET_TIMEOUT, 0, &running)
        }
    }

    /// For epoll_wait(2): how long there is nothing to do; -1 without end.
    var millisecondsToDeadline: Int32 {
        guard let deadline else { return -1 }
        let left = (deadline - time.monotonicNow).milliseconds
        return left < 0 ? 0 : Int32(min(left + 1, 60_000))
    }

    /// The next transfer that has ended, and how.
    func nextEnded() -> (easy: UnsafeMutableRawPointer, result: CURLcode)? {
        var left: Int32 = 0
        while let message = curl_multi_info_read(raw, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            return (easy, ksc_message_result(message))
        }
        return nil
    }

    private func socketChanged(_ socket: Int32, _ what: Int32) {
        if what == Int32(CURL_POLL_REMOVE) {
            sockets.release(socket)
        } else {
            sockets.watch(socket, reading: what & Int32(CURL_POLL_IN) != 0, writing: what & Int32(CURL_POLL_OUT) != 0)
        }
    }

    private func timerChanged(_ milliseconds: Int) {
        deadline = milliseconds < 0 ? nil : time.monotonicNow + .milliseconds(milliseconds)
    }
}
