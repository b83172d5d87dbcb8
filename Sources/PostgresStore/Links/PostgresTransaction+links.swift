package import ReplicationCore
package import ReplicationEngine
internal import SignedFeed

extension PostgresTransaction {
  package func link(_ peer: NodeID) throws -> LinkState {
    var state = LinkState()
    let rows = try connection.query(
      """
      SELECT l.incarnation, n.lane, n.received, n.acknowledged, n.chain_index, n.chain_digest,
        n.catch_up, n.catch_up_ledger, n.catch_up_key
      FROM huijia.link l JOIN huijia.link_lane n ON n.peer = l.peer WHERE l.peer = $1
      """, [.text(peer.description)])
    for row in 0..<rows.count {
      state.peerIncarnation = UInt32(rows.int(row, 0) ?? 0)
      guard let lane = Lane(rawValue: UInt8(rows.int(row, 1) ?? 0)) else { continue }
      var side = LaneState()
      side.received = UInt64(rows.int(row, 2) ?? 1)
      side.acknowledged = UInt64(rows.int(row, 3) ?? 1)
      side.peerChainIndex = UInt64(rows.int(row, 4) ?? 0)
      side.peerChainDigest = rows.bytes(row, 5).flatMap { Digest($0) } ?? .zero
      side.catchUpPosition = rows.int(row, 6).map(UInt64.init)
      if let ledger = rows.int(row, 7), let key = rows.text(row, 8) {
        side.catchUpLast = RecordRef(LedgerID(UInt16(ledger)), key)
      }
      state[lane] = side
    }
    return state
  }

  package func setLink(_ state: LinkState, _ peer: NodeID) throws {
    _ = try connection.query(
      """
      INSERT INTO huijia.link VALUES ($1, $2) ON CONFLICT (peer)
      DO UPDATE SET incarnation = excluded.incarnation
      WHERE link.incarnation <> excluded.incarnation
      """, [.text(peer.description), .int(Int64(state.peerIncarnation))])
    for lane in Lane.allCases {
      let side = state[lane]
      _ = try connection.query(
        """
        INSERT INTO huijia.link_lane VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (peer, lane) DO UPDATE SET received = excluded.received,
        acknowledged = excluded.acknowledged, chain_index = excluded.chain_index,
        chain_digest = excluded.chain_digest, catch_up = excluded.catch_up,
        catch_up_ledger = excluded.catch_up_ledger, catch_up_key = excluded.catch_up_key
        WHERE (link_lane.received, link_lane.acknowledged, link_lane.chain_index,
          link_lane.catch_up, link_lane.catch_up_ledger, link_lane.catch_up_key) IS DISTINCT FROM
          (excluded.received, excluded.acknowledged, excluded.chain_index, excluded.catch_up,
          excluded.catch_up_ledger, excluded.catch_up_key)
        """,
        [
          .text(peer.description), .int(Int64(lane.rawValue)), .int(Int64(side.received)),
          .int(Int64(side.acknowledged)), .int(Int64(side.peerChainIndex)),
          .bytes(side.peerChainDigest.bytes),
          side.catchUpPosition.map { .int(Int64($0)) } ?? .nullInt,
          side.catchUpLast.map { .int(Int64($0.ledger.number)) } ?? .nullInt,
          side.catchUpLast.map { .text($0.key) } ?? .null,
        ])
    }
  }

  package func peers() throws -> [NodeID] {
    let rows = try connection.query("SELECT peer FROM huijia.link ORDER BY peer")
    return (0..<rows.count).compactMap { rows.text($0, 0).flatMap { NodeID($0) } }
  }
}
