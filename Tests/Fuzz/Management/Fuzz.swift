import FuzzTargets

/// What libFuzzer calls with each input it thinks of.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    FuzzTarget.management.run(UnsafeBufferPointer(start: data, count: size))
    return 0
}
