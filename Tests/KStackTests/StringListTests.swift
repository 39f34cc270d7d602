import Testing

@testable import KStack

@Suite
struct StringListTests {
    @Test
    func itKeepsItsStrings() throws {
        let strings = ["", "a", "é", "a"]
        let list = try StringList(strings)
        #expect(list.count == 4)
        for (index, string) in strings.enumerated() {
            #expect(list.address(at: index).map { String(cString: $0) } == string)
        }
        for index in [-1, 4, Int.max] { #expect(list.address(at: index) == nil) }
        #expect(try StringList([]).count == 0)
        #expect(try StringList([]).address(at: 0) == nil)
    }
}
