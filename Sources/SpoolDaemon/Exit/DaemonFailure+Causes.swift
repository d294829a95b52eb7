import Glibc
package import Ledger
package import ResultJournal
package import SpoolConfiguration
package import SpoolDirectory
import SpoolPrimitives

/// Which code each module's error ends with: one table.
extension DaemonFailure {
    package init(_ error: ConfigurationError) { self.init(error.isOfTheSystem ? .systemError : .configuration, error.description) }

    package init(_ error: SpoolError) {
        let status: ExitStatus =
            switch error.kind {
            case .locked: .locked
            case .ownedByAnother, .networkFilesystem, .cannotRename, .unsafeDirectory, .refused: .configuration
            case .fsyncFailed: .ioError
            case .full: .cannotCreate
            case .notFound, .rootReplaced: .noInput
            case .nameTaken, .system: error.cause?.code == EACCES || error.cause?.code == EPERM ? .noPermission : .systemError
            }
        self.init(status, error.description)
    }

    package init(_ error: LedgerError) {
        let status: ExitStatus =
            switch error.reason {
            case .full: .cannotCreate
            case .storageFailed, .unusable: .ioError
            case .unmade: .noInput
            case .closed, .other: .software
            }
        self.init(status, error.description)
    }

    package init(_ error: JournalError) {
        let status: ExitStatus =
            switch error.kind {
            case .fsyncFailed: .ioError
            case .full: .cannotCreate
            case .alreadyWritten, .malformedLines: .software
            case .system:
                switch error.cause?.code {
                case EACCES, EPERM: .noPermission
                case ENOENT: .noInput
                default: .systemError
                }
            }
        self.init(status, error.description)
    }

    /// For what comes out of the service group.
    package init(_ error: any Error) {
        switch error {
        case let error as DaemonFailure: self = error
        case let error as SpoolError: self.init(error)
        case let error as LedgerError: self.init(error)
        case let error as JournalError: self.init(error)
        case let error as ConfigurationError: self.init(error)
        default: self.init(.software, "\(error)")
        }
    }
}
