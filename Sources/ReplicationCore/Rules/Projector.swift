/// What one feed becomes for one peer under the current policy; a pure function.
///
/// The table of the rules, row by row: `Projector+entries.swift`.
package struct Projector: Sendable {
  package let node: NodeID
  package let peer: NodeID
  /// The peer is this node's parent. Upwards homes do not count.
  package let isUp: Bool
  package let policy: any ViewPolicy
  /// Policies that may have been in force when this node gave something up by itself, where the slice tells of such.
  package var former: [any ViewPolicy] = []

  package init(node: NodeID, peer: NodeID, isUp: Bool, policy: any ViewPolicy) {
    self.node = node
    self.peer = peer
    self.isUp = isUp
    self.policy = policy
  }

  /// What is sent, and what goes into the hand-over archive because the peer may not see it.
  package struct Output: Sendable {
    package var items: [Item] = []
    package var archived: [(RecordRef, [FieldDots])] = []
    package init() {}
  }

  /// What is fixed for a ledger on this link.
  package struct Ledger: Sendable {
    package let id: LedgerID
    package let routing: [FieldID]
    /// All that the peer may ever hold of it.
    package let all: FieldSet
    /// All that this node may ever hold of it.
    package let own: FieldSet
    /// Existence and routing fields: no gate holds them back.
    package let ungated: FieldSet
    package let isGated: Bool
    /// The masks under which the peer sees fields of whatever record; upwards these are the masks of every record.
    package let masks: FieldMasks
    /// The same for this node itself.
    package let ownMasks: FieldMasks

    /// What a payload of a record that this node does not hold may carry upwards.
    package var passing: FieldSet { isGated ? all.intersection(ungated) : all }
  }

  /// Looks a ledger up; once a slice, not once an entry.
  package func ledger(_ id: LedgerID) -> Ledger {
    let routing = policy.routingFields(of: id)
    return Ledger(
      id: id, routing: routing, all: policy.fields(of: peer, in: id),
      own: policy.fields(of: node, in: id),
      ungated: FieldSet.existence.union(FieldSet(routing)),
      isGated: isUp && policy.isGated(from: node, to: peer, in: id),
      masks: policy.masks(of: peer, in: id), ownMasks: policy.masks(of: node, in: id))
  }

  /// The masks under which the peer sees a record with this routing. Of a record without a home the strictest count.
  package func masks(_ routing: Routing, _ ledger: Ledger) -> FieldMasks {
    if isUp || ledger.masks.isEmpty || routing.homes.isEmpty { return ledger.masks }
    return policy.masks(of: peer, in: ledger.id, homes: routing.homes)
  }

  /// Fields of which the upper end of the link sees too little to tell the lower end: what comes from elsewhere in the tree does not
  /// reach that one, so the two ends do not hold the same.
  package func untold(_ homes: [Home], _ ledger: Ledger) -> FieldSet {
    let upper = isUp ? ledger.masks : ledger.ownMasks
    if upper.isEmpty { return [] }
    let lower = policy.masks(of: isUp ? node : peer, in: ledger.id, homes: homes)
    var result = FieldSet()
    for (field, mask) in upper.entries {
      let isTold = lower[field].map { $0.canFollow(mask) } ?? false
      if !isTold { result.insert(field) }
    }
    return result
  }

  /// The same under another policy.
  func masks(_ routing: Routing, _ ledger: LedgerID, under policy: any ViewPolicy) -> FieldMasks {
    let any = policy.masks(of: peer, in: ledger)
    if isUp || any.isEmpty || routing.homes.isEmpty { return any }
    return policy.masks(of: peer, in: ledger, homes: routing.homes)
  }

  /// The fields that the peer may hold of a record with this routing; none when no home is held.
  package func view(_ routing: Routing, _ ledger: Ledger) -> FieldSet {
    let homes = routing.homes
    if homes.isEmpty { return [] }
    return isUp ? ledger.all : policy.fields(of: peer, in: ledger.id, homes: homes)
  }

  /// The same under another policy.
  package func view(
    _ routing: Routing, _ ledger: LedgerID, under policy: any ViewPolicy
  ) -> FieldSet {
    let homes = routing.homes
    if homes.isEmpty { return [] }
    return isUp
      ? policy.fields(of: peer, in: ledger) : policy.fields(of: peer, in: ledger, homes: homes)
  }

  /// The fields of a view that may go now: behind a gate what has a verified register, and what no gate holds back.
  package func released(_ view: FieldSet, of record: Record, _ ledger: Ledger) -> FieldSet {
    guard ledger.isGated else { return view }
    return view.intersection(ledger.ungated.union(FieldSet(record.released.lazy.map(\.field))))
  }

  /// The state of a record in these fields: for a gated link the released registers.
  package func state(
    of ref: RecordRef, _ record: Record, fields: FieldSet, _ ledger: Ledger
  ) -> Item {
    var siblings: [FieldDots] = []
    for entry in record.registers where fields.contains(entry.field) {
      var register = entry.register
      if ledger.isGated, !ledger.ungated.contains(entry.field) {
        register = record.releasedRegister(of: entry.field) ?? Register()
      }
      if register.isHeld { siblings.append(FieldDots(entry.field, register.dots)) }
    }
    return .state(ref, siblings: siblings, view: fields, payload: false)
  }

  /// The state of a record for a catch-up; nil when nothing of it may go.
  package func catchUp(_ ref: RecordRef, _ record: Record, _ ledger: Ledger) -> Item? {
    guard record.isHeld else { return nil }
    let fields = released(view(record.routing(by: ledger.routing), ledger), of: record, ledger)
    return fields.isEmpty ? nil : state(of: ref, record, fields: fields, ledger)
  }
}
