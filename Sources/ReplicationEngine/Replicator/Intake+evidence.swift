import ReplicationCore
import SignedFeed

extension Intake {
  /// A base that names a dot of which there is no evidence would silence a field for ever.
  ///
  /// Of replicas below the peer everything comes through the peer, in parts that its view leaves out: there its word is taken,
  /// and the replica itself refuses what it never wrote (`commonRefusal`).
  /// A node that was restored from a backup has forgotten headers that others have seen from it: it cannot judge.
  mutating func forgedBase(
    in change: Change, _ record: Record, _ tx: any StoreTransaction
  ) throws -> Refusal? {
    guard desk.own.incarnation == 1 else { return nil }
    for write in change.writes {
      for entry in write.base.entries where entry.replica != change.dot.replica {
        let dot = Dot(entry.replica, entry.index)
        if delivery.peer.isAbove(entry.replica.node) { continue }
        if record.registers.contains(where: { $0.register.covers(dot) }) { continue }
        if try headerEvidence(entry.replica, tx) >= entry.index { continue }
        return Refusal(
          code: "forged_base",
          detail: "\(change.dot) of \(change.ref) claims in field \(write.field) to have seen "
            + "\(dot), of which there is no evidence here")
      }
    }
    return nil
  }
}

extension NodeID {
  /// Whether another node is this one or hangs below it. A department has nothing below it.
  fileprivate func isAbove(_ other: NodeID) -> Bool {
    other == self || (slug.isEmpty && code.contains(other.code))
  }
}
