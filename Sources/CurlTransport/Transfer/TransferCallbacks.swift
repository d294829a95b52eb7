import CCurl
import Glibc

/// The C functions through which libcurl asks for a transfer's body and hands over its response.
///
/// libcurl holds an unretained reference to the transfer: the loop's table of transfers in flight keeps it alive for longer than libcurl
/// has the handle. All of them run on the loop's thread, inside the multi handle's calls: `closing` in the last of them too,
/// its clean-up, for which the multi handle keeps the sockets' object.
enum TransferCallbacks {
    /// - Parameter sockets: which learns of connections, and lives for longer than any of them.
    static func install(on easy: EasyHandle, _ sockets: SocketPoll) {
        easy.set(CURLOPT_WRITEFUNCTION, callback: receiveBody)
        easy.set(CURLOPT_HEADERFUNCTION, callback: receiveHeader)
        easy.set(CURLOPT_READFUNCTION, callback: sendBody)
        easy.setSeek(rewind)
        easy.setPrerequest(willSend)
        easy.setSocketOptions(opened)
        easy.setCloseSocket(closing)
        let sockets = Unmanaged.passUnretained(sockets).toOpaque()
        easy.set(CURLOPT_SOCKOPTDATA, pointer: sockets)
        easy.set(CURLOPT_CLOSESOCKETDATA, pointer: sockets)
    }

    static func attach(_ transfer: Transfer?, to easy: EasyHandle) {
        let me = transfer.map { Unmanaged.passUnretained($0).toOpaque() }
        for option in [CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_READDATA, CURLOPT_SEEKDATA, CURLOPT_PREREQDATA] {
            easy.set(option, pointer: me)
        }
    }

    /// Without counting a reference: a reply has a dozen header lines, and each is a call.
    private static func withTransfer<Result>(_ pointer: UnsafeMutableRawPointer?, _ body: (Transfer) -> Result) -> Result? {
        pointer.map { Unmanaged<Transfer>.fromOpaque($0)._withUnsafeGuaranteedRef(body) }
    }

    private static let receiveBody: ksc_data_callback = { bytes, size, count, me in
        let received = withTransfer(me) { $0.receivedBody(UnsafeRawBufferPointer(start: bytes, count: size * count)) } ?? false
        // Any other number than that of the bytes offered stops the transfer.
        return received ? size * count : size * count &+ 1
    }

    private static let receiveHeader: ksc_data_callback = { bytes, size, count, me in
        let received = withTransfer(me) { $0.receivedHeader(UnsafeRawBufferPointer(start: bytes, count: size * count)) } ?? false
        return received ? size * count : size * count &+ 1
    }

    private static let sendBody: ksc_data_callback = { bytes, size, count, me in
        withTransfer(me) { $0.readBody(into: UnsafeMutableRawBufferPointer(start: bytes, count: size * count)) } ?? Int(CURL_READFUNC_ABORT)
    }

    private static let rewind: ksc_seek_callback = { me, offset, origin in
        guard origin == SEEK_SET else { return CURL_SEEKFUNC_FAIL }
        return withTransfer(me) { $0.rewindBody(to: Int64(offset)) } == true ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL
    }

    private static func sockets(_ pointer: UnsafeMutableRawPointer?) -> SocketPoll? {
        pointer.map { Unmanaged<SocketPoll>.fromOpaque($0).takeUnretainedValue() }
    }

    /// libcurl 7.88 leaves its sockets open to programs that the daemon starts.
    private static let opened: ksc_sockopt_callback = { me, socket, _ in
        sockets(me)?.opened(socket)
        return fcntl(socket, F_SETFD, FD_CLOEXEC) == 0 ? CURL_SOCKOPT_OK : CURL_SOCKOPT_ERROR
    }

    private static let closing: ksc_closesocket_callback = { me, socket in
        sockets(me)?.closing(socket)
        return close(socket)
    }

    private static let willSend: ksc_prereq_callback = { me, _, _, _, _ in
        withTransfer(me) { $0.willSend() } == true ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
    }
}
