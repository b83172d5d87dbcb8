package import ReplicationCore
package import ReplicationEngine
internal import SignedFeed

/// Where a lane stands: its feed's next position and its own chain.
struct LaneHead {
  var nextPosition: UInt64
  var firstPosition: UInt64
  /// No entry from here on changes how earlier ones go out.
  var settledFrom: UInt64
  var chain: ChainHead
  var isChanged = false
}

extension PostgresTransaction {
  /// Reads a lane's head; a writer locks it until the end of the transaction.
  func head(_ lane: Lane) throws -> LaneHead {
    if let head = heads[lane] { return head }
    let rows = try connection.query(
      """
      SELECT next_position, first_position, incarnation, next_index, previous, settled_from
      FROM huijia.lane
      WHERE lane = $1 \(isWriter ? "FOR UPDATE" : "")
      """, [.int(Int64(lane.rawValue))])
    guard rows.count == 1, let previous = rows.bytes(0, 4).flatMap({ Digest($0) }) else {
      throw StoreError.damaged(table: "huijia.lane", detail: "no row for lane \(lane.name)")
    }
    let head = LaneHead(
      nextPosition: UInt64(rows.int(0, 0) ?? 1), firstPosition: UInt64(rows.int(0, 1) ?? 1),
      settledFrom: UInt64(rows.int(0, 5) ?? 1),
      chain: ChainHead(
        incarnation: UInt32(rows.int(0, 2) ?? 1), nextIndex: UInt64(rows.int(0, 3) ?? 1),
        previous: previous))
    heads[lane] = head
    return head
  }

  func writeHead(_ head: LaneHead, _ lane: Lane) throws {
    _ = try connection.query(
      """
      UPDATE huijia.lane SET next_position = $2, first_position = $3, incarnation = $4,
      next_index = $5, previous = $6, settled_from = $7 WHERE lane = $1
      """,
      [
        .int(Int64(lane.rawValue)), .int(Int64(head.nextPosition)),
        .int(Int64(head.firstPosition)), .int(Int64(head.chain.incarnation)),
        .int(Int64(head.chain.nextIndex)), .bytes(head.chain.previous.bytes),
        .int(Int64(head.settledFrom)),
      ])
  }

  package func nextPosition(_ lane: Lane) throws -> UInt64 { try head(lane).nextPosition }

  package func settledFrom(_ lane: Lane) throws -> UInt64 { try head(lane).settledFrom }

  package func chain(_ lane: Lane) throws -> ChainHead { try head(lane).chain }

  package func setChain(_ chain: ChainHead, _ lane: Lane) throws {
    var head = try head(lane)
    head.chain = chain
    head.isChanged = true
    heads[lane] = head
  }

  package func feedBounds(_ lane: Lane) throws -> Range<UInt64> {
    let head = try head(lane)
    return head.firstPosition..<head.nextPosition
  }
}
