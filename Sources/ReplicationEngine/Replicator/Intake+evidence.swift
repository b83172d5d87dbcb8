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
    var stood: VersionVector?
    for write in change.writes {
      for entry in write.claims where entry.replica != change.dot.replica {
        let dot = Dot(entry.replica, entry.index)
        if delivery.peer.isAbove(entry.replica.node) { continue }
        if record.registers.contains(where: { $0.register.covers(dot) }) { continue }
        if try headerEvidence(entry.replica, tx) >= entry.index { continue }
        let before = try stood ?? stoodHere(change.ref, tx)
        stood = before
        if before.covers(dot) { continue }
        return Refusal(
          code: "forged_base",
          detail: "\(change.dot) of \(change.ref) claims in field \(write.field) to have seen "
            + "\(dot), of which there is no evidence here")
      }
    }
    return nil
  }

  /// What values of a record had seen that stood here and that the peer may still have held when it wrote: a withdrawal takes a context with the values,
  /// and a write over one of them need not name what that one had named.
  private func stoodHere(
    _ ref: RecordRef, _ tx: any StoreTransaction
  ) throws -> VersionVector {
    var demand = EvidenceDemand()
    for (_, entry) in try tx.entries(of: [ref], in: delivery.lane, from: delivery.acknowledged) {
      demand.add(entry)
      if case .withdrawn(_, _, let gone, _, _, _) = entry { demand.add(gone) }
    }
    var seen = VersionVector()
    // First what the entries name, then what these wrote over.
    for _ in 0..<2 {
      let pool = EvidencePool(demand.prune(try tx.batches(containing: demand.dots)))
      for dot in demand.dots {
        guard let change = pool[dot]?.change, change.ref == ref else { continue }
        for write in change.writes {
          seen = seen.joined(write.base).joined(dot)
          for entry in write.base.entries {
            demand.add(Dot(entry.replica, entry.index), [write.field])
          }
        }
      }
    }
    return seen
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
