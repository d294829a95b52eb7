import ArgumentParser
import Glibc
import SpoolDaemon

/// Output to people: sentences on standard error, results on standard output.
enum Terminal {
    /// Writes a message to standard error.
    static func complain(_ text: String) {
        let line = Array("kusto-spool: \(text)\n".utf8)
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// Says why the command ends; the result is to be thrown.
    static func fail(_ failure: DaemonFailure) -> ExitCode {
        complain(failure.description)
        return ExitCode(failure.status.rawValue)
    }

    /// Writes result bytes to standard output at once, so that a reader of a pipe sees each line when it is made.
    static func put(_ text: String) {
        let bytes = Array(text.utf8)
        var offset = 0
        while offset < bytes.count {
            let written = bytes[offset...].withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            // A reader that has gone away (`| head`) ends the command quietly.
            guard written > 0 else { exit(ExitStatus.success.rawValue) }
            offset += written
        }
    }
}
