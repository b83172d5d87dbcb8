/// What a feed entry of a record carried that the sender of a state has not acknowledged yet.
package enum Unacknowledged: Sendable {
  /// Writes of one change.
  case writes([(FieldID, Sibling)])
  /// Registers of a state.
  case registers([FieldRegister])
}

extension RecordRules {
  /// A state: registers of a record, and the fields that it speaks for.
  ///
  /// - Parameters:
  ///   - masks: how this node may see fields that it may see only masked.
  ///   - unacknowledged: in feed order, what entries of this record carried that did not come from `peer` and that it has not acknowledged.
  ///   - acknowledged: the position up to which `peer` had processed this node's feed when it sent the state.
  ///   - isOutsideView: whether the record, as it stands in the end, is outside the view of `peer`.
  package func receive(
    state registers: [FieldRegister], of ref: RecordRef, view: FieldSet,
    masks: FieldMasks = FieldMasks(),
    isPayload: Bool, from peer: NodeID, unacknowledged: [Unacknowledged], acknowledged: UInt64,
    into record: inout Record, isKnown: Bool, position: UInt64, isOutsideView: (Routing) -> Bool
  ) -> Effect {
    var effect = Effect()
    let payload = registers.map { FieldDots($0.field, $0.register.dots) }
    if let departed = record.departed, peer != departed {
      effect.entries = [.relayState(ref, payload: payload, to: departed, from: peer)]
      return effect
    }
    var before = routing(of: record, isKnown: isKnown)
    if !registers.isEmpty, record.departed != nil {
      record.departed = nil
      effect.isChanged = true
    }
    if peer == parent, !isPayload {
      let outside = record.heldFields.subtracting(view).union(record.fields(laxerThan: masks))
      if !outside.isEmpty {
        effect = withdraw(outside, of: ref, from: peer, record: &record, position: position)
        before = record.routing(by: routing)
      }
    }
    let at = position + UInt64(effect.entries.count)
    let side: Side = isPayload ? .payload(at) : .link(peer)
    var isNew = merge(registers, side: side, into: &record)
    for carried in unacknowledged where apply(carried, in: view, to: &record) { isNew = true }
    record.settleReleases(routing: routing)
    let after = record.routing(by: routing)
    if isNew {
      effect.isChanged = true
      // The child sent it before it heard that the record left and came home: it has given up what this brings, and takes it for known here.
      let isCrossing = peer != parent && isKnown && record.moved >= acknowledged
      if after != before { record.moved = at }
      effect.entries.append(
        .state(ref, payload: payload, before: before, after: after, from: peer))
      if isCrossing, !isPayload, after == before {
        effect.entries.append(.answer(ref, to: peer))
      }
      effect.meeting = record.meeting(routing: routing)
    } else if peer != parent, isOutsideView(after) {
      effect.entries.append(.withdrawTo(ref, child: peer))
    }
    return effect
  }

  private func merge(_ registers: [FieldRegister], side: Side, into record: inout Record) -> Bool {
    var isNew = false
    for incoming in registers {
      var register = record[incoming.field]
      guard register.merge(incoming.register.from(side)) else { continue }
      record.replace(incoming.field, with: register, own: own)
      isNew = true
    }
    return isNew
  }

  private func apply(
    _ carried: Unacknowledged, in view: FieldSet, to record: inout Record
  ) -> Bool {
    var isNew = false
    switch carried {
    case .writes(let writes):
      for (field, sibling) in writes where view.contains(field) {
        var register = record[field]
        // It is as it was here before: what came now is newer.
        guard register.apply(sibling, reopens: false) else { continue }
        record.replace(field, with: register, own: own)
        isNew = true
      }
    case .registers(let registers):
      for incoming in registers where view.contains(incoming.field) {
        var register = record[incoming.field]
        guard register.merge(incoming.register, reopens: false) else { continue }
        record.replace(incoming.field, with: register, own: own)
        isNew = true
      }
    }
    return isNew
  }
}
