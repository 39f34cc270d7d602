import Testing

@testable import KStack

@Suite
struct TextTableTests {
    @Test
    func itKeepsItsStrings() {
        let texts = ["", "a", "é", "a"]
        let table = TextTable(texts)
        #expect(table.count == 4)
        for (index, text) in texts.enumerated() {
            #expect(table.address(at: index).map { String(cString: $0) } == text)
        }
        for index in [-1, 4, Int.max] { #expect(table.address(at: index) == nil) }
        #expect(TextTable([]).count == 0)
        #expect(TextTable([]).address(at: 0) == nil)
    }
}
