import CLinux
import Glibc

/// The code of this program, which the kernel maps from its file page by page as it is reached.
package enum ProgramText {
    /// Unmaps all of it, to be mapped again as it is reached: what only a start reaches (reading configuration, opening the ledger, looking through the
    /// spools) is half of what stays mapped for good otherwise, and counts as this process's memory. The pages are the file's and are not
    /// written (but by a debugger, whose breakpoints from before are lost); a page that is reached again and still cached costs less than a microsecond.
    ///
    /// - Returns: the bytes of address space that were let go; zero where there is no 64-bit program header to be found.
    @discardableResult
    package static func letGo() -> Int {
        let count = Int(getauxval(UInt(AT_PHNUM)))
        guard MemoryLayout<UInt>.size == 8, getauxval(UInt(AT_PHENT)) == MemoryLayout<Elf64_Phdr>.stride,
            let headers = UnsafePointer<Elf64_Phdr>(bitPattern: getauxval(UInt(AT_PHDR)))
        else { return 0 }
        let segments = UnsafeBufferPointer(start: headers, count: count)
        // Where the table itself is, less where it was linked to be, is how far the program was moved.
        guard let table = segments.first(where: { $0.p_type == PT_PHDR }) else { return 0 }
        let offset = UInt(bitPattern: headers) &- UInt(table.p_vaddr)
        let page = UInt(sysconf(Int32(_SC_PAGESIZE)))
        var bytes = 0
        for segment in segments where segment.p_type == PT_LOAD && segment.p_flags & UInt32(PF_X | PF_W) == PF_X {
            let start = (offset &+ UInt(segment.p_vaddr)) & ~(page - 1)
            let end = offset &+ UInt(segment.p_vaddr + segment.p_memsz)
            guard let address = UnsafeMutableRawPointer(bitPattern: start), madvise(address, Int(end - start), MADV_DONTNEED) == 0 else {
                continue
            }
            bytes += Int(end - start)
        }
        return bytes
    }
}
