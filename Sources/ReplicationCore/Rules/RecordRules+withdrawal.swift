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
    let gone = clear(fields ?? record.heldFields, of: &record, &effect)
    record.settleReleases(routing: routing)
    if fields == nil { record.departed = peer }
    let after = record.routing(by: routing)
    if after != before || !record.isHeld { record.moved = position }
    effect.entries = [
      .withdrawn(
        ref, fields: fields, gone: gone, before: before, after: after, from: peer)
    ]
    effect.isChanged = true
    return effect
  }

  /// A new policy leaves this node only `fields`, and some only under masks: it gives up the rest by itself.
  ///
  /// What it may see masked comes back so, from who may see it unmasked.
  package func prune(
    _ record: inout Record, of ref: RecordRef, to fields: FieldSet, masks: FieldMasks = FieldMasks()
  ) -> Effect {
    var effect = Effect()
    let outside = record.heldFields.subtracting(fields).union(record.fields(laxerThan: masks))
    guard !outside.isEmpty else { return effect }
    // Where the record lay tells which children have it from here.
    let before = record.routing(by: routing)
    let gone = clear(outside, of: &record, &effect)
    record.released.removeAll { outside.contains($0.field) }
    effect.entries = [
      .withdrawn(
        ref, fields: outside, gone: gone, before: before, after: record.routing(by: routing),
        from: own.node)
    ]
    effect.isChanged = true
    return effect
  }

  /// Takes fields out of a record; returns the values that went. Those that were masked are not archived: who masked them has them.
  private func clear(
    _ fields: FieldSet, of record: inout Record, _ effect: inout Effect
  ) -> [FieldDots] {
    var gone: [FieldDots] = []
    for field in fields.members {
      let register = record[field]
      guard register.isHeld else { continue }
      gone.append(FieldDots(field, register.dots))
      let open = register.siblings.filter { !$0.value.isMasked }.map(\.dot)
      if !open.isEmpty { effect.archived.append(FieldDots(field, open)) }
      record.replace(field, with: Register(), own: own)
    }
    return gone
  }
}

extension Record {
  /// The fields of which a value is held that shows more than these masks leave: as its author wrote it, or under a weaker mask.
  package func fields(laxerThan masks: FieldMasks) -> FieldSet {
    if masks.isEmpty { return [] }
    var result = FieldSet()
    for entry in registers + released {
      let mask = masks[entry.field]
      if entry.register.siblings.contains(where: { !$0.value.isHidden(by: mask) }) {
        result.insert(entry.field)
      }
    }
    return result
  }
}
