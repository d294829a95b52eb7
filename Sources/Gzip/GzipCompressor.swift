package import SpoolPrimitives

/// Compresses one stream after another to gzip, one member each.
///
/// Input is not copied. What costs is the making (ISA-L's tables and level buffer, zlib's windows: some 300 KiB), so keep a compressor and use
/// it again. One owner, one thread at a time; calls compute for as long as it takes, hence not on the cooperative pool.
package final class GzipCompressor {
    /// Which library compresses.
    package enum Engine: Sendable, CaseIterable {
        /// ISA-L's igzip at level 1: about five times zlib's speed at a slightly better ratio.
        case isal
        case zlib

        /// Those that this build has.
        package static var available: [Engine] {
            #if canImport(CISAL)
                [.isal, .zlib]
            #else
                [.zlib]
            #endif
        }

        /// The fastest of them.
        package static var best: Engine { available[0] }
    }

    /// Bytes of input since the last `finish` or `reset`.
    package private(set) var rawCount = ByteCount.zero

    private let deflater: any Deflater

    /// - Parameter engine: one of ``Engine/available``.
    package init(_ engine: Engine = .best) {
        #if canImport(CISAL)
            switch engine {
            case .isal: deflater = ISALDeflater()
            case .zlib: deflater = ZlibDeflater()
            }
        #else
            precondition(engine == .zlib, "this build has no ISA-L")
            deflater = ZlibDeflater()
        #endif
    }

    /// Compresses some more input. Output may lag behind: it is complete after `finish` only.
    package func compress(_ input: UnsafeRawBufferPointer, appendingTo output: inout [UInt8]) {
        rawCount += ByteCount(input.count)
        deflater.deflate(input, isLast: false, appendingTo: &output)
    }

    /// Ends the member and begins the next one.
    ///
    /// - Returns: the bytes of input that the member holds.
    @discardableResult
    package func finish(appendingTo output: inout [UInt8]) -> ByteCount {
        deflater.deflate(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true, appendingTo: &output)
        let count = rawCount
        reset()
        return count
    }

    /// Forgets a member that was not finished.
    package func reset() {
        rawCount = .zero
        deflater.reset()
    }
}

/// The seam between the two libraries.
protocol Deflater: AnyObject {
    func deflate(_ input: UnsafeRawBufferPointer, isLast: Bool, appendingTo output: inout [UInt8])
    func reset()
}
