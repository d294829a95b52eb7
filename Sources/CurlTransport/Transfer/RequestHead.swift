import CCurl
import Glibc

/// The header lines of a request, as libcurl wants them: a linked list of C strings that stays where it is until the transfer has ended.
///
/// Text and links are two pieces of memory, which go from one transfer to the next; a list of libcurl's making is two pieces for each line.
///
/// Confined to the loop's thread.
final class RequestHead {
    /// The lines, each with a zero at its end.
    private var text = UnsafeMutableRawBufferPointer.allocate(byteCount: 1024, alignment: 1)
    private var used = 0
    private var starts: [Int] = []
    private var links = UnsafeMutableBufferPointer<curl_slist>.allocate(capacity: 16)

    deinit {
        removeAll()
        text.deallocate()
        links.deallocate()
    }

    /// Adds a line in parts.
    func add(_ name: String, _ separator: StaticString, _ value: String) {
        starts.append(used)
        append(name)
        separator.withUTF8Buffer { append(UnsafeRawBufferPointer($0)) }
        append(value)
        withUnsafeBytes(of: CChar(0)) { append($0) }
    }

    /// Overwrites the lines, of which one may be a token.
    func removeAll() {
        if let start = text.baseAddress { memset(start, 0, used) }
        used = 0
        starts.removeAll(keepingCapacity: true)
    }

    /// All lines in their order, good until the next is added; nil where there are none.
    func list() -> UnsafeMutablePointer<curl_slist>? {
        if links.count < starts.count {
            links.deallocate()
            links = .allocate(capacity: 2 * starts.count)
        }
        guard !starts.isEmpty, let first = links.baseAddress, let text = text.baseAddress?.assumingMemoryBound(to: CChar.self) else {
            return nil
        }
        for (index, start) in starts.enumerated() {
            let next = index + 1 < starts.count ? first + index + 1 : nil
            (first + index).initialize(to: curl_slist(data: text + start, next: next))
        }
        return first
    }

    private func append(_ part: String) {
        var part = part
        part.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    private func append(_ part: UnsafeRawBufferPointer) {
        if used + part.count > text.count {
            let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * (used + part.count), alignment: 1)
            larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: text[..<used]))
            if let start = text.baseAddress { memset(start, 0, used) }
            text.deallocate()
            text = larger
        }
        UnsafeMutableRawBufferPointer(rebasing: text[used...]).copyMemory(from: part)
        used += part.count
    }
}
