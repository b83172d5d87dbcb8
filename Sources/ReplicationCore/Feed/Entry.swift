/// A field and the dots of its siblings: names values; their proofs and bytes lie in the authors' batches.
package struct FieldDots: Hashable, Sendable {
  package let field: FieldID
  /// Ascending.
  package let dots: [Dot]
  package init(_ field: FieldID, _ dots: [Dot]) {
    self.field = field
    self.dots = dots
  }
}

/// One entry of a node's feed: what happened here, to be projected to each peer.
///
/// An entry names values by their dots; a node keeps the authors' batches until every link has acknowledged the entry.
package enum Entry: Hashable, Sendable {
  /// A policy took the place of another.
  case policy(old: UInt64, new: UInt64, from: Side)
  /// A child sent a state of a record that lies outside its view, and nothing changed here.
  case withdrawTo(RecordRef, child: NodeID)
  /// Something of this peer waited for its record, and was acknowledged before it took effect: the peer is told how the record stands.
  case answer(RecordRef, to: NodeID)
  /// A change of a record that has departed from here, on its way to the peer that withdrew it.
  case relay(RecordRef, dot: Dot, fields: FieldSet, to: NodeID, from: NodeID)
  /// A state of a record that has departed from here, likewise.
  case relayState(RecordRef, payload: [FieldDots], to: NodeID, from: NodeID)
  /// The parent withdrew fields (nil: the record), or this node pruned itself under a new policy (`from` is the node itself: nothing to send).
  /// `gone` names the values: when every link has acknowledged the entry, their bytes are erased from the kept batches.
  case withdrawn(
    RecordRef, fields: FieldSet?, gone: [FieldDots], before: Routing, after: Routing, from: NodeID)
  /// A change of which `took` took effect here.
  case change(
    RecordRef, dot: Dot, took: FieldSet, before: Routing, after: Routing, from: Side)
  /// A state that changed something here; the payload is what was received.
  case state(
    RecordRef, payload: [FieldDots], before: Routing, after: Routing, from: NodeID)

  /// The record that the entry is about; nil for a policy.
  package var ref: RecordRef? {
    switch self {
    case .policy: nil
    case .withdrawTo(let ref, _), .answer(let ref, _), .relay(let ref, _, _, _, _),
      .relayState(let ref, _, _, _),
      .withdrawn(let ref, _, _, _, _, _), .change(let ref, _, _, _, _, _),
      .state(let ref, _, _, _, _):
      ref
    }
  }
}
