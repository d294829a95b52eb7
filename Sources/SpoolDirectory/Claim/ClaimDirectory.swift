import Glibc
import SpoolPrimitives

extension SpoolRoot {
    /// Makes `.active/<claim>/` for files of a directory.
    ///
    /// For one below the root its path is written into the claim first, durably before any file is there: after a crash before the row's
    /// commit nothing else would know where in the tree the files belong. (The name is hidden, and hidden files are never claimed.)
    func makeClaimDirectory(_ claim: ClaimName, for directory: RelativePath) throws(SpoolError) -> OpenDirectory {
        let path = active.path(of: claim.fileName)
        guard try naming("make", path, active.makeDirectory(claim.fileName, mode: 0o700)) else {
            throw SpoolError(
                .nameTaken, "make", path, cause: SystemErrno(EEXIST),
                hint: "A claim's name is never used again; was the ledger restored from a backup?")
        }
        let opened = try naming("open", path, active.open(claim.fileName))
        if !directory.components.isEmpty {
            try opened.writeSmallFile(SpoolNames.origin, Array(directory.displayText.utf8))
        }
        return opened
    }

    /// Where a claim's files came from; the root where the claim does not say otherwise.
    func origin(of claim: OpenDirectory) throws(SpoolError) -> RelativePath {
        let path = claim.path(of: SpoolNames.origin)
        guard let bytes = try naming("read", path, claim.readSmallFile(SpoolNames.origin)) else { return .root }
        guard let origin = RelativePath(displayText: String(decoding: bytes, as: UTF8.self)) else {
            throw SpoolError(.system, "understand", path, hint: "Remove it if the claim's files may count as dropped into the root")
        }
        return origin
    }

    /// Removes a claim's directory if no file is left in it.
    ///
    /// - Returns: whether it is gone.
    @discardableResult
    package func removeClaimDirectory(_ claim: ClaimName) throws(SpoolError) -> Bool {
        if try removeIfEmpty(claim.fileName, in: active) { return true }
        // Its origin may be all that is left in it, or what a crash left of writing it.
        guard let opened = try openClaim(claim) else { return true }
        let reader = DirectoryReader(opened, windowBytes: 4096)
        var own: [FileName] = []
        while let entries = try naming("read", opened.path, reader.next()) {
            guard entries.allSatisfy({ $0.name.isHidden }) else { return false }
            own += entries.map(\.name).filter { $0 == SpoolNames.origin || $0.isTemporary }
        }
        for name in own { try naming("remove", opened.path(of: name), opened.removeIfPresent(name)) }
        return try removeIfEmpty(claim.fileName, in: active)
    }

    /// nil where it is gone.
    func openClaim(_ claim: ClaimName) throws(SpoolError) -> OpenDirectory? {
        do { return try active.open(claim.fileName) } catch {
            if error.code == ENOENT { return nil }
            throw SpoolError("open", active.path(of: claim.fileName), error)
        }
    }

    /// - Returns: whether it is gone.
    func removeIfEmpty(_ name: FileName, in directory: OpenDirectory) throws(SpoolError) -> Bool {
        do { try directory.remove(name, flags: AT_REMOVEDIR) } catch {
            switch error.code {
            case ENOENT: return true
            case ENOTEMPTY, EEXIST: return false
            default: throw SpoolError("remove", directory.path(of: name), error)
            }
        }
        return true
    }
}
