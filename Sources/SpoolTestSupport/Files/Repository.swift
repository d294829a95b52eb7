/// The working copy that the tests were built from.
package enum Repository {
    /// The path of a file or directory in it.
    package static func path(_ below: String) -> String {
        // Sources/SpoolTestSupport/Files/Repository.swift
        "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/") + "/" + below
    }
}
