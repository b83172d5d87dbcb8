extension RecordRules {
  /// The parent takes fields back (nil: the record). A record that is not held: nothing happens.
  ///
  /// Values and contexts go, into the archive; the dots of own writes are kept in mind.
  package func withdraw(
    _ fields: FieldSet?, of ref: RecordRef, from peer: NodeID, record: inout Record,
    position: UInt64
  ) -> Effect {
    var effect = Effect()
    guard record.isHeld else { return effect }
    let before = record.routing(by: routing)
    effect.archived = clear(fields ?? record.heldFields, of: &record)
    record.settleReleases(routing: routing)
    if fields == nil { record.departed = peer }
    let after = record.routing(by: routing)
    if after != before || !record.isHeld { record.moved = position }
    effect.entries = [
      .withdrawn(
        ref, fields: fields, gone: effect.archived, before: before, after: after, from: peer)
    ]
    effect.isChanged = true
    return effect
  }

  /// A new policy leaves this node only `fields`: it gives up the rest by itself.
  package func prune(_ record: inout Record, of ref: RecordRef, to fields: FieldSet) -> Effect {
    var effect = Effect()
    let outside = record.heldFields.subtracting(fields)
    guard !outside.isEmpty else { return effect }
    effect.archived = clear(outside, of: &record)
    record.released.removeAll { outside.contains($0.field) }
    let routing = record.routing(by: routing)
    effect.entries = [
      .withdrawn(
        ref, fields: outside, gone: effect.archived, before: routing, after: routing,
        from: own.node)
    ]
    effect.isChanged = true
    return effect
  }

  private func clear(_ fields: FieldSet, of record: inout Record) -> [FieldDots] {
    var gone: [FieldDots] = []
    for field in fields.members {
      let register = record[field]
      guard register.isHeld else { continue }
      gone.append(FieldDots(field, register.dots))
      record.replace(field, with: Register(), own: own)
    }
    return gone
  }
}
