import DaemonKit
import ReplicationCore
import ReplicationEngine
import Testing

@Suite("The high-water file")
struct HighWaterTests {
  private static func node() throws -> NodeID { try #require(NodeID("450103001005")) }

  private func mark(_ index: UInt64, incarnation: UInt32 = 1) -> HighWater {
    HighWater(
      incarnation: incarnation, bulk: .init(index: index, position: 2 * index),
      urgent: .init(index: 1, position: 1))
  }

  @Test("What was written last comes back, by any process")
  func roundTrip() async throws {
    let scratch = try Scratch()
    let path = scratch.path("high-water")
    let file = HighWaterSlots(path: path, node: try Self.node())
    #expect(try file.read() == nil)
    for index in 1...9 as ClosedRange<UInt64> {
      try await file.write(mark(index, incarnation: UInt32(index)))
      let other = HighWaterSlots(path: path, node: try Self.node())
      #expect(try other.read() == mark(index, incarnation: UInt32(index)))
    }
    let again = HighWaterSlots(path: path, node: try Self.node())
    try await again.write(mark(10))
    #expect(try file.read() == mark(10))
  }

  @Test("A torn write leaves what was true before; of two torn ones nothing is believed")
  func torn() async throws {
    let scratch = try Scratch()
    let path = scratch.path("high-water")
    let file = HighWaterSlots(path: path, node: try Self.node())
    for index in 1...4 as ClosedRange<UInt64> { try await file.write(mark(index)) }
    var bytes = try LocalFile.read(path)
    // The fourth lies in the first slot.
    bytes[40] ^= 1
    try LocalFile.write(bytes, to: path)
    #expect(try HighWaterSlots(path: path, node: try Self.node()).read() == mark(3))
    bytes[4096 + 40] ^= 1
    try LocalFile.write(bytes, to: path)
    let last = HighWaterSlots(path: path, node: try Self.node())
    #expect(try last.read() == nil)
    try await last.write(mark(7))
    #expect(try last.read() == mark(7))
  }

  @Test("The file of another node is refused, a file of another kind is not believed")
  func foreign() async throws {
    let scratch = try Scratch()
    let path = scratch.path("high-water")
    try await HighWaterSlots(path: path, node: try Self.node()).write(mark(3))
    let other = HighWaterSlots(path: path, node: try #require(NodeID("450103001006")))
    let error = try #require(throws: OperatorError.self) { try other.read() }
    #expect(error.message.code == "high-water-foreign")
    try LocalFile.write("something else", to: path)
    #expect(try other.read() == nil)
  }

  @Test(
    "Ahead is what tells of an index, a position or an incarnation that the database does not have")
  func ahead() {
    let database = mark(10, incarnation: 2)
    #expect(!mark(10, incarnation: 2).isAhead(of: database))
    #expect(!mark(9, incarnation: 2).isAhead(of: database))
    #expect(!mark(99, incarnation: 1).isAhead(of: database))
    #expect(mark(11, incarnation: 2).isAhead(of: database))
    #expect(mark(1, incarnation: 3).isAhead(of: database))
    var relayed = database
    relayed.urgent.position += 1
    #expect(relayed.isAhead(of: database))
    #expect(database.coversIndexes(of: relayed))
  }

  @Test("One write costs about as much as the disk needs for one page")
  func cost() async throws {
    let scratch = try Scratch()
    let file = HighWaterSlots(path: scratch.path("high-water"), node: try Self.node())
    var times: [Duration] = []
    for index in 1...200 as ClosedRange<UInt64> {
      let began = ContinuousClock.now
      try await file.write(mark(index))
      times.append(ContinuousClock.now - began)
    }
    times.sort()
    print("a high-water write: median \(times[100]), 99th of a hundred \(times[197])")
  }
}
