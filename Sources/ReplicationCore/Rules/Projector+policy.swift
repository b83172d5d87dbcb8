/// A policy entry further on in the feed.
package struct PolicyStep: Sendable {
  package let position: UInt64
  package let old: any ViewPolicy
  package let new: any ViewPolicy
  package init(position: UInt64, old: any ViewPolicy, new: any ViewPolicy) {
    self.position = position
    self.old = old
    self.new = new
  }
}

extension Projector {
  /// One record under a policy that took the place of `old`: what was lost is withdrawn (downwards), what is released is sent as state.
  ///
  /// - Parameter skippedEpochs: this node went past epochs that its parent may have lived under, when it gave up what it may hold again now:
  ///   upwards the state then goes even where the two policies agree.
  package func projectPolicyChange(
    from old: any ViewPolicy, skippedEpochs: Bool = false, _ ref: RecordRef, _ record: Record,
    _ ledger: Ledger, into output: inout Output
  ) {
    guard record.isHeld else { return }
    let routing = record.routing(by: ledger.routing)
    var before = view(routing, ledger.id, under: old)
    let now = view(routing, ledger)
    let wasGated = isUp && old.isGated(from: node, to: peer, in: ledger.id)
    let isMaskedAlike =
      masks(routing, ledger.id, under: old).of(now) == masks(routing, ledger).of(now)
    if before == now, isMaskedAlike, wasGated == ledger.isGated, !(isUp && skippedEpochs) { return }
    if isUp { before = before.intersection(now) }
    if !before.isEmpty, now.isEmpty {
      output.items.append(.withdrawal(ref, fields: nil))
      return
    }
    let lost = before.subtracting(now)
    if !lost.isEmpty { output.items.append(.withdrawal(ref, fields: lost)) }
    let fields = released(now, of: record, ledger)
    if !fields.isEmpty { output.items.append(state(of: ref, record, fields: fields, ledger)) }
  }

  /// Whether a later policy entry changes this peer's view of the record, or how it is masked: then that entry sends it.
  func isLeft(
    to steps: [PolicyStep], after position: UInt64, _ routing: Routing, _ ledger: Ledger
  ) -> Bool {
    for step in steps where step.position > position {
      let old = view(routing, ledger.id, under: step.old)
      if old != view(routing, ledger.id, under: step.new) { return true }
      let masks = masks(routing, ledger.id, under: step.old)
      if masks != self.masks(routing, ledger.id, under: step.new) { return true }
    }
    return false
  }
}
