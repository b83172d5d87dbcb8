/// The class of a ledger's traffic; each lane has its own index, chain, feed positions and acknowledgements from end to end.
package enum Lane: UInt8, Sendable, CaseIterable, Comparable {
  case bulk = 0
  case urgent = 1

  package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

  /// The lane's name as files and JSON have it.
  package var name: String { self == .bulk ? "bulk" : "urgent" }
}

/// Who creates dots: a node in one incarnation, on one lane.
package struct Replica: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let node: NodeID
  /// Begins at 1; a node restored from a backup gets the next.
  package let incarnation: UInt32
  package let lane: Lane

  package init(node: NodeID, incarnation: UInt32, lane: Lane) {
    self.node = node
    self.incarnation = incarnation
    self.lane = lane
  }

  /// The order of the canonical bytes: node, incarnation, lane.
  package static func < (a: Self, b: Self) -> Bool {
    if a.node != b.node { return a.node < b.node }
    if a.incarnation != b.incarnation { return a.incarnation < b.incarnation }
    return a.lane < b.lane
  }

  /// `NODE#INCARNATION.LANE`, as in `450103001005#1.bulk`.
  package var description: String { "\(node)#\(incarnation).\(lane.name)" }
}

/// Names one sealed change: the `index`-th of its replica.
package struct Dot: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let replica: Replica
  /// Counts the replica's sealed changes 1, 2, 3 … without gaps.
  package let index: UInt64

  package init(_ replica: Replica, _ index: UInt64) {
    self.replica = replica
    self.index = index
  }

  /// Greatest dot: replica bytes, then index.
  package static func < (a: Self, b: Self) -> Bool {
    a.replica == b.replica ? a.index < b.index : a.replica < b.replica
  }

  /// `NODE#INCARNATION.LANE:INDEX`.
  package var description: String { "\(replica):\(index)" }
}
