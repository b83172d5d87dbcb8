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
    if let refusal = forgottenOwn(in: change, record) { return refusal }
    guard desk.own.incarnation == 1 else { return nil }
    for write in change.writes {
      for entry in write.claims where entry.replica != change.dot.replica {
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

  /// A write that has not seen its own author's write before it: no honest node makes one, and each would stay as a value of its own for ever.
  private func forgottenOwn(in change: Change, _ record: Record) -> Refusal? {
    for write in change.writes {
      for sibling in record[write.field].siblings
      where sibling.dot.replica == change.dot.replica && sibling.dot.index < change.dot.index
        && !write.base.covers(sibling.dot)
      {
        return Refusal(
          code: "forged_base",
          detail: "\(change.dot) of \(change.ref) claims in field \(write.field) not to have seen "
            + "\(sibling.dot), which is its author's own")
      }
    }
    return nil
  }
}

extension FieldWrite {
  /// All that the write claims to have seen: its base, and of a deletion what it saw of the other fields.
  fileprivate var claims: [VersionVector.Entry] {
    guard case .deleted(let contexts) = value else { return base.entries }
    return base.entries + contexts.flatMap(\.context.entries)
  }
}

extension NodeID {
  /// Whether another node is this one or hangs below it. A department has nothing below it.
  func isAbove(_ other: NodeID) -> Bool {
    other == self || (slug.isEmpty && code.contains(other.code))
  }
}
