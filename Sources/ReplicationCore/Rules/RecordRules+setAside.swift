extension RecordRules {
  /// Values that cannot be proved leave the record, and what they hid can come; own writes among them are kept in mind.
  package func setAside(
    _ values: [FieldDots], of ref: RecordRef, record: inout Record, position: UInt64
  ) -> Effect {
    var effect = Effect()
    let before = record.routing(by: routing)
    for entry in values {
      let gone = Set(entry.dots)
      var register = record[entry.field]
      register.siblings.removeAll { gone.contains($0.dot) }
      record.replace(entry.field, with: register, own: own)
      record.released.removeAll {
        $0.field == entry.field && !gone.isDisjoint(with: $0.register.dots)
      }
    }
    record.settleReleases(routing: routing)
    let after = record.routing(by: routing)
    if after != before || !record.isHeld { record.moved = position }
    effect.entries = [
      .withdrawn(
        ref, fields: [], gone: values, before: before, after: after, from: own.node)
    ]
    effect.isChanged = true
    return effect
  }
}
