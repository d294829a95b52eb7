/// The CRC that storage calls CRC64: polynomial 0x9A6C9329AC4BC9B5 reflected, all ones before and after.
package enum CRC64 {
    private static let table: [UInt64] = (0..<256).map { index in
        (0..<8).reduce(UInt64(index)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0x9A6C_9329_AC4B_C9B5 : crc >> 1 }
    }

    /// The checksum as the header carries it: 8 bytes, the least significant first.
    package static func checksum(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var crc = UInt64.max
        for byte in bytes { crc = table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ crc >> 8 }
        crc = ~crc
        return (0..<8).map { UInt8(truncatingIfNeeded: crc >> UInt64(8 * $0)) }
    }
}
