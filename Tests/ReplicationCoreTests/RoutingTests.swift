import ReplicationCore
import Testing

@Suite("Where a record belongs")
struct RoutingTests {
  private let columns = [FieldID(2), FieldID(6)]
  private let code = DivisionCode("450103001005")

  private func record(_ values: [FieldID: Value]) throws -> Record {
    let node = try #require(NodeID("450103001005"))
    var record = Record()
    for (index, entry) in values.sorted(by: { $0.key < $1.key }).enumerated() {
      let dot = Dot(Replica(node: node, incarnation: 1, lane: .bulk), UInt64(index) + 1)
      record[entry.key] = Register([
        Sibling(dot: dot, value: entry.value, rank: 0, time: 1, base: VersionVector(), side: .own)
      ])
    }
    return record
  }

  @Test("A home keeps its column where the one before it is empty")
  func columnStays() throws {
    let code = try #require(code)
    let lives = try record([columns[1]: .text(code.description), .alive: .bool(true)])
    #expect(lives.routing(by: columns) == .homes([Home(code, column: 1)]))
    let registered = try record([columns[0]: .text(code.description), columns[1]: .null])
    #expect(registered.routing(by: columns) == .homes([Home(code)]))
    #expect(lives.routing(by: columns) != registered.routing(by: columns))
  }
}
