/// Maps replicas to the highest index seen of each: a partial order, defined from `join`, never `Comparable`.
///
/// Source: Parker et al., "Detection of Mutual Inconsistency in Distributed Systems", IEEE TSE 1983.
package struct VersionVector: Hashable, Sendable, CustomStringConvertible {
  /// One replica's highest index.
  package struct Entry: Hashable, Sendable {
    package let replica: Replica
    package let index: UInt64
    package init(_ replica: Replica, _ index: UInt64) {
      self.replica = replica
      self.index = index
    }
  }

  /// Strictly ascending by replica; every index is above zero.
  package private(set) var entries: [Entry]

  /// The vector that has seen nothing.
  package init() { entries = [] }

  /// The vector that has seen one replica up to a dot.
  package init(_ dot: Dot) { entries = [Entry(dot.replica, dot.index)] }

  /// Takes entries that are already canonical; nil when they are not strictly ascending by replica or an index is zero.
  package init?(canonical entries: [Entry]) {
    for (i, entry) in entries.enumerated() {
      guard entry.index > 0 else { return nil }
      if i > 0, !(entries[i - 1].replica < entry.replica) { return nil }
    }
    self.entries = entries
  }

  package var isEmpty: Bool { entries.isEmpty }

  /// The highest index seen of a replica; 0 when none.
  package subscript(replica: Replica) -> UInt64 {
    for entry in entries where entry.replica == replica { return entry.index }
    return 0
  }

  /// Whether this vector has seen the dot.
  package func covers(_ dot: Dot) -> Bool { self[dot.replica] >= dot.index }

  /// The least vector that has seen all that either has seen.
  package func joined(_ other: VersionVector) -> VersionVector {
    if entries.isEmpty { return other }
    if other.entries.isEmpty || entries == other.entries { return self }
    var result: [Entry] = []
    result.reserveCapacity(entries.count + other.entries.count)
    var i = 0
    var j = 0
    while i < entries.count, j < other.entries.count {
      let a = entries[i]
      let b = other.entries[j]
      if a.replica == b.replica {
        result.append(a.index >= b.index ? a : b)
        i += 1
        j += 1
      } else if a.replica < b.replica {
        result.append(a)
        i += 1
      } else {
        result.append(b)
        j += 1
      }
    }
    result.append(contentsOf: entries[i...])
    result.append(contentsOf: other.entries[j...])
    var vector = VersionVector()
    vector.entries = result
    return vector
  }

  /// The least vector that has also seen `dot`.
  package func joined(_ dot: Dot) -> VersionVector { joined(VersionVector(dot)) }

  /// What both have seen.
  package func met(_ other: VersionVector) -> VersionVector {
    var vector = VersionVector()
    for entry in entries {
      let index = min(entry.index, other[entry.replica])
      if index > 0 { vector.entries.append(Entry(entry.replica, index)) }
    }
    return vector
  }

  /// Whether `other` has seen all that this has: `a ≤ b` iff `join(a, b) == b`.
  package func isCovered(by other: VersionVector) -> Bool { joined(other) == other }

  package var description: String {
    "{" + entries.map { "\($0.replica):\($0.index)" }.joined(separator: ", ") + "}"
  }
}
