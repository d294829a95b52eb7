/// Paths as the checks compare them.
enum AbsolutePath {
    /// The path without trailing, doubled and `.` parts; nil where it is relative, has a `..` (whose meaning depends on symbolic links) or a NUL.
    static func normalized(_ text: String) -> String? {
        guard text.hasPrefix("/"), !text.utf8.contains(0) else { return nil }
        let parts = text.split(separator: "/").filter { $0 != "." }
        if parts.contains("..") { return nil }
        return "/" + parts.joined(separator: "/")
    }

    /// Whether `path` is `directory` or lies below it. Both normalised.
    static func isInside(_ path: String, _ directory: String) -> Bool {
        path == directory || directory == "/" || path.hasPrefix(directory + "/")
    }

    static func lastComponent(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? "" }
}
