/// Where a dot reached this node from: what decides whether a deletion and a write met here (existence rule).
package enum Side: Hashable, Sendable {
  /// Written at this node.
  case own
  /// Received over the link with this peer.
  case link(NodeID)
  /// Payload of a node that did not hold the record: a side of its own, named by the feed position that took it in.
  case payload(UInt64)
}

/// One of several concurrent values of a field.
package struct Sibling: Hashable, Sendable {
  package let dot: Dot
  package let value: Value
  /// Higher wins; stamped by the author from the field's list of authorities.
  package let rank: UInt8
  /// Microseconds since 1970 UTC: the writing transaction's time, corrected by the parent's clock offset at sealing.
  package let time: Int64
  /// What the author had seen of this field.
  package let base: VersionVector
  package var side: Side
  /// Of existence: written by a node where a deletion met a write that it had not seen. People are to say whether the record goes or stays.
  package let isRevival: Bool

  package init(
    dot: Dot, value: Value, rank: UInt8, time: Int64, base: VersionVector, side: Side,
    isRevival: Bool = false
  ) {
    self.dot = dot
    self.value = value
    self.rank = rank
    self.time = time
    self.base = base
    self.side = side
    self.isRevival = isRevival
  }
}

/// One field of a record: its concurrent values. Usually there is one.
///
/// The context is never stored and never taken on trust: it is the join of the siblings' signed bases and dots.
package struct Register: Hashable, Sendable {
  /// Ascending by dot. Empty: not held.
  package internal(set) var siblings: [Sibling]

  package init() { siblings = [] }

  /// Takes siblings in any order.
  package init(_ siblings: [Sibling]) { self.siblings = siblings.sorted { $0.dot < $1.dot } }

  package var isHeld: Bool { !siblings.isEmpty }

  /// The version vector of all that these values include or have overwritten.
  package var context: VersionVector {
    var result = VersionVector()
    for sibling in siblings { result = result.joined(sibling.base).joined(sibling.dot) }
    return result
  }

  /// Whether the context covers a dot, without building it.
  package func covers(_ dot: Dot) -> Bool {
    for sibling in siblings {
      if sibling.dot.replica == dot.replica, sibling.dot.index >= dot.index { return true }
      if sibling.base.covers(dot) { return true }
    }
    return false
  }
}

/// A field's number with its register.
package struct FieldRegister: Hashable, Sendable {
  package let field: FieldID
  package var register: Register
  package init(_ field: FieldID, _ register: Register) {
    self.field = field
    self.register = register
  }
}
