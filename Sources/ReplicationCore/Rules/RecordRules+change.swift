extension RecordRules {
  /// A change, from a link or from this node itself, with the fields that came.
  ///
  /// A record that departed is not held again because of a change that crossed the withdrawal: it is relayed to who withdrew it.
  package func receive(
    _ change: Change, isPayload: Bool, from side: Side, into record: inout Record, isKnown: Bool,
    position: UInt64
  ) -> Effect {
    var effect = Effect()
    if let departed = record.departed, case .link(let peer) = side, peer != departed {
      effect.entries = [
        .relay(change.ref, dot: change.dot, fields: change.fields, to: departed, from: peer)
      ]
      return effect
    }
    let before = routing(of: record, isKnown: isKnown)
    effect.isChanged = record.departed != nil
    record.departed = nil
    let took = take(change, side: isPayload ? .payload(position) : side, into: &record)
    guard !took.isEmpty else { return effect }
    effect.isChanged = true
    record.settleReleases(routing: routing)
    let after = record.routing(by: routing)
    if after != before { record.moved = position }
    effect.entries = [
      .change(change.ref, dot: change.dot, took: took, before: before, after: after, from: side)
    ]
    effect.meeting = record.meeting(routing: routing)
    return effect
  }

  /// Applies a change field by field; returns the fields that took it.
  private func take(_ change: Change, side: Side, into record: inout Record) -> FieldSet {
    if record.registers.isEmpty, record.ownWrites.isEmpty {
      record.registers = change.writes.map {
        FieldRegister($0.field, Register([Sibling($0, of: change, side: side)]))
      }
      return change.fields
    }
    var took = FieldSet()
    for write in change.writes {
      var register = record[write.field]
      guard register.apply(Sibling(write, of: change, side: side)) else { continue }
      record.replace(write.field, with: register, own: own)
      if change.dot.replica == own { record.forgetOwnWrite(of: write.field) }
      took.insert(write.field)
    }
    return took
  }
}

extension Sibling {
  /// The sibling that one write of a change makes. Existence has no rank.
  package init(_ write: FieldWrite, of change: Change, side: Side) {
    self.init(
      dot: change.dot, value: write.value, rank: write.field == .alive ? 0 : write.rank,
      time: change.time, base: write.base, side: side,
      isRevival: write.field == .alive && change.meeting != nil && !write.value.isDeletion)
  }
}
