/// An array whose allocations can fail: adding to it throws without memory, where Swift's arrays end the process.
///
/// It is for lists whose length depends on input, and that hold no secret. Copies share the elements until one of them
/// is changed, as with arrays.
@safe
public struct FallibleArray<Element>: RandomAccessCollection {
    /// The memory that copies share.
    @safe
    @usableFromInline
    final class Block {
        @usableFromInline let start: UnsafeMutablePointer<Element>
        @usableFromInline let capacity: Int

        /// How many elements there are; a copy may see fewer.
        @exclusivity(unchecked) @usableFromInline var count = 0

        @usableFromInline
        init(capacity: Int) throws(SodiumError) {
            unsafe start = try FallibleMemory.take(capacity, MemoryLayout<Element>.stride)
                .bindMemory(to: Element.self, capacity: capacity)
            self.capacity = capacity
        }

        deinit {
            unsafe start.deinitialize(count: count)
            unsafe FallibleMemory.giveBack(start)
        }
    }

    /// Nil before the first element.
    @usableFromInline var block: Block?

    @usableFromInline var used = 0

    /// Makes an empty list, which allocates nothing.
    @inlinable
    public init() {}

    /// Makes a list that repeats one element.
    @inlinable
    public init(repeating element: Element, count: Int) throws(SodiumError) {
        try append(repeating: element, count: count)
    }

    /// Makes a list of some elements.
    @inlinable
    public init(_ elements: some Sequence<Element>) throws(SodiumError) {
        try append(contentsOf: elements)
    }

    /// How many elements there are.
    @inlinable public var count: Int { used }

    @inlinable public var startIndex: Int { 0 }
    @inlinable public var endIndex: Int { used }

    @inlinable
    public subscript(index: Int) -> Element { span[index] }

    /// Lends the elements as one buffer, which the standard library copies and searches faster.
    @inlinable
    public func withContiguousStorageIfAvailable<Result>(
        _ body: (UnsafeBufferPointer<Element>) throws -> Result
    ) rethrows -> Result? {
        try unsafe span.withUnsafeBufferPointer(body)
    }

    /// Adds an element at the end.
    @inlinable
    public mutating func append(_ element: Element) throws(SodiumError) {
        let block = try ownBlock(for: 1)
        unsafe (block.start + used).initialize(to: element)
        used += 1
        unsafe block.count = used
    }

    /// Adds one element repeatedly.
    @inlinable
    public mutating func append(repeating element: Element, count: Int) throws(SodiumError) {
        guard count > 0 else { return }
        let block = try ownBlock(for: count)
        unsafe (block.start + used).initialize(repeating: element, count: count)
        used += count
        unsafe block.count = used
    }

    /// Adds elements at the end, in the order in which they come.
    @inlinable
    public mutating func append(contentsOf elements: some Sequence<Element>) throws(SodiumError) {
        for element in elements { try append(element) }
    }

    /// Replaces an element.
    @inlinable
    public mutating func replace(at index: Int, with element: Element) throws(SodiumError) {
        let block = try ownBlock(for: 0)
        guard index >= 0, index < used else { throw .invalidLength }
        unsafe block.start[index] = element
    }

    /// Removes the last elements, so that `newCount` are left; a larger count changes nothing.
    @inlinable
    public mutating func truncate(to newCount: Int) {
        used = Swift.min(used, Swift.max(newCount, 0))
    }

    /// Makes room for more elements, in memory of this copy's own: until it is copied, neither adding as many nor
    /// replacing can fail.
    @inlinable
    public mutating func reserve(_ additional: Int) throws(SodiumError) {
        _ = try ownBlock(for: Swift.max(additional, 0))
    }

    /// The address of the elements, valid while a copy lives and none is changed.
    @unsafe
    @inlinable
    public var start: UnsafePointer<Element>? { unsafe block.map { unsafe UnsafePointer($0.start) } }

    /// The elements, to read.
    @inlinable
    public var span: Span<Element> {
        @_lifetime(borrow self)
        get {
            let bytes = unsafe UnsafeBufferPointer(start: block.map { unsafe UnsafePointer($0.start) }, count: count)
            return unsafe _overrideLifetime(Span(_unsafeElements: bytes), borrowing: self)
        }
    }

    /// Lends the elements for changes in place.
    @inlinable
    public mutating func withMutableElements<Result, Failure: Error>(
        or transform: (SodiumError) -> Failure,
        _ body: (inout MutableSpan<Element>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let block = try mapError(transform) { () throws(SodiumError) in try ownBlock(for: 0) }
        var span = unsafe MutableSpan(_unsafeStart: block.start, count: count)
        return try body(&span)
    }

    /// Sorts the elements; the order of equal ones stays.
    ///
    /// Swift's own sort needs half as much memory again, and ends the process without it.
    @inlinable
    public mutating func sort(by comesFirst: (Element, Element) -> Bool) throws(SodiumError) {
        guard count > 1 else { return }
        var source = try ownBlock(for: 0)
        var target = try Block(capacity: count)
        let count = count
        var width = 1
        while width < count {
            var start = 0
            while start < count {
                let middle = Swift.min(start + width, count)
                let end = Swift.min(middle + width, count)
                var (left, right) = (start, middle)
                for place in start..<end {
                    let takesRight =
                        unsafe left == middle
                        || right < end && comesFirst(source.start[right], source.start[left])
                    unsafe (target.start + place).moveInitialize(
                        from: source.start + (takesRight ? right : left),
                        count: 1
                    )
                    if takesRight { right += 1 } else { left += 1 }
                }
                start = end
            }
            unsafe target.count = count
            unsafe source.count = 0
            swap(&source, &target)
            width *= 2
        }
        block = source
    }

    /// A block that only this copy has, with room for more elements.
    @inlinable
    mutating func ownBlock(for additional: Int) throws(SodiumError) -> Block {
        // First, since a variable for the block is one more reference.
        let isOwn = isKnownUniquelyReferenced(&self.block)
        guard isOwn, let block, block.capacity - used >= additional else {
            return try makeOwnBlock(for: additional, isOwn)
        }
        if unsafe block.count > used {
            unsafe (block.start + used).deinitialize(count: block.count - used)
            unsafe block.count = used
        }
        return block
    }

    @usableFromInline
    mutating func makeOwnBlock(for additional: Int, _ isOwn: Bool) throws(SodiumError) -> Block {
        let (needed, overflow) = used.addingReportingOverflow(additional)
        guard !overflow else { throw .outOfMemory }
        let new = try Block(capacity: Swift.max(needed, Swift.min(used, Int.max / 4) * 2, 4))
        if let old = block {
            if isOwn {
                unsafe new.start.moveInitialize(from: old.start, count: used)
                unsafe (old.start + used).deinitialize(count: old.count - used)
                unsafe old.count = 0
            } else {
                unsafe new.start.initialize(from: old.start, count: used)
            }
            unsafe new.count = used
        }
        block = new
        return new
    }
}

extension FallibleArray: @unchecked Sendable where Element: Sendable {}
