#if canImport(CISAL)
    import CISAL

    /// ISA-L's igzip at level 1.
    ///
    /// The stream holds buffers of more than 64 KiB inside itself, hence it lives on the heap at one address.
    final class ISALDeflater: Deflater {
        private let stream: UnsafeMutablePointer<isal_zstream>
        private let levelBuffer: UnsafeMutablePointer<UInt8>

        init() {
            let levelBufferSize = Int(ksc_isal_level1_buffer_size)
            stream = .allocate(capacity: 1)
            stream.initialize(to: isal_zstream())
            levelBuffer = .allocate(capacity: levelBufferSize)
            levelBuffer.initialize(repeating: 0, count: levelBufferSize)
            isal_deflate_init(stream)
            stream.pointee.level = 1
            stream.pointee.level_buf = levelBuffer
            stream.pointee.level_buf_size = UInt32(levelBufferSize)
            stream.pointee.gzip_flag = UInt16(IGZIP_GZIP)
            stream.pointee.flush = UInt16(NO_FLUSH)
        }

        deinit {
            stream.deallocate()
            levelBuffer.deallocate()
        }

        func deflate(_ input: UnsafeRawBufferPointer, isLast: Bool, appendingTo output: inout [UInt8]) {
            var rest = input
            repeat {
                // The library counts in 32 bits.
                let part = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(part.count))
                // Read only, for all that the type says.
                stream.pointee.next_in = UnsafeMutablePointer(mutating: part.bindMemory(to: UInt8.self).baseAddress)
                stream.pointee.avail_in = UInt32(part.count)
                stream.pointee.end_of_stream = isLast && rest.isEmpty ? 1 : 0
                repeat { fill(&output) } while stream.pointee.avail_out == 0
                precondition(stream.pointee.avail_in == 0)
            } while !rest.isEmpty
            stream.pointee.next_in = nil
        }

        func reset() {
            stream.pointee.end_of_stream = 0
            isal_deflate_reset(stream)
            // The library turns the flag into "no header" once a header is written, and does not turn it back.
            stream.pointee.gzip_flag = UInt16(IGZIP_GZIP)
        }

        private func fill(_ output: inout [UInt8]) {
            output.append(room: OutputRoom.forInput(Int(stream.pointee.avail_in))) { buffer in
                stream.pointee.next_out = buffer.baseAddress
                stream.pointee.avail_out = UInt32(buffer.count)
                let result = isal_deflate(stream)
                precondition(result == COMP_OK, "igzip refused its own settings: \(result)")
                return buffer.count - Int(stream.pointee.avail_out)
            }
        }
    }
#endif
