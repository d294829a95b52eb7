/// A place in a configuration file.
package struct SourceLocation: Sendable, Hashable, Comparable {
    package var file: String
    /// Counted from 1.
    package var line: Int
    /// Counted from 1, in Unicode scalars.
    package var column: Int

    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// Within one file; files keep the order in which they are read.
    package static func < (a: SourceLocation, b: SourceLocation) -> Bool { (a.line, a.column) < (b.line, b.column) }
}

extension SourceLocation: CustomStringConvertible {
    /// `file:line:column`, which editors and terminals understand.
    package var description: String { "\(file):\(line):\(column)" }
}
