/// Handles between two transfers, by what they are set up for.
///
/// A handle costs a few KiB and keeps nothing of value; what a burst left over is freed.
struct IdleHandles {
    private struct Shelf {
        let shape: TransferShape
        var handles: [EasyHandle] = []
    }

    /// Of a shape.
    private static let kept = 128

    /// A daemon has half a dozen shapes: they are looked through.
    private var shelves: [Shelf] = []

    mutating func take(_ shape: TransferShape) -> EasyHandle? {
        guard let place = shelves.firstIndex(where: { $0.shape == shape }) else { return nil }
        return shelves[place].handles.popLast()
    }

    mutating func keep(_ easy: EasyHandle) {
        let place = shelves.firstIndex { $0.shape == easy.shape } ?? shelves.endIndex
        if place == shelves.endIndex { shelves.append(Shelf(shape: easy.shape)) }
        guard shelves[place].handles.count < Self.kept else { return }
        easy.forgetTransfer()
        shelves[place].handles.append(easy)
    }
}
