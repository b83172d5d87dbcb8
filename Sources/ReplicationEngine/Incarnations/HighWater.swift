import ReplicationCore

/// How far a node has come with its own feed: what it keeps outside its database, so that a database put back from a backup is found out.
package struct HighWater: Sendable, Hashable {
  /// One lane.
  package struct Mark: Sendable, Hashable {
    /// The index that the next sealed change gets; begins at 1.
    package var index: UInt64
    /// The position that the next entry of the feed gets; begins at 1.
    package var position: UInt64

    package init(index: UInt64 = 1, position: UInt64 = 1) {
      self.index = index
      self.position = position
    }
  }

  package var incarnation: UInt32
  package var bulk: Mark
  package var urgent: Mark

  package init(incarnation: UInt32 = 1, bulk: Mark = Mark(), urgent: Mark = Mark()) {
    self.incarnation = incarnation
    self.bulk = bulk
    self.urgent = urgent
  }

  /// Reads where the database stands. In a write transaction it takes the lane heads' locks.
  package init(in tx: any StoreTransaction) throws {
    func mark(_ lane: Lane) throws -> Mark {
      Mark(index: try tx.chain(lane).nextIndex, position: try tx.nextPosition(lane))
    }
    self.init(
      incarnation: try tx.chain(.bulk).incarnation, bulk: try mark(.bulk),
      urgent: try mark(.urgent))
  }

  /// Whether this node has begun its feed: it has signed or relayed something, or is not in its first incarnation.
  package var hasBegun: Bool { self != HighWater() }

  /// Whether this tells of anything that `other` does not know: an incarnation, an index or a position above its own.
  package func isAhead(of other: HighWater) -> Bool {
    guard incarnation == other.incarnation else { return incarnation > other.incarnation }
    return bulk.index > other.bulk.index || urgent.index > other.urgent.index
      || bulk.position > other.bulk.position || urgent.position > other.urgent.position
  }

  /// Whether every index that `other` has given out is known here. Positions do not count.
  package func coversIndexes(of other: HighWater) -> Bool {
    guard incarnation == other.incarnation else { return incarnation > other.incarnation }
    return bulk.index >= other.bulk.index && urgent.index >= other.urgent.index
  }

  /// What both know.
  package func joined(_ other: HighWater) -> HighWater {
    guard incarnation == other.incarnation else {
      return incarnation > other.incarnation ? self : other
    }
    func greatest(_ a: Mark, _ b: Mark) -> Mark {
      Mark(index: max(a.index, b.index), position: max(a.position, b.position))
    }
    return HighWater(
      incarnation: incarnation, bulk: greatest(bulk, other.bulk),
      urgent: greatest(urgent, other.urgent))
  }
}

/// Where the high-water mark is kept: outside the database, so that a backup of the one does not bring back the other.
package protocol HighWaterFile: Sendable {
  /// What was last written; nil when there is none, or when it cannot be understood. Throws when it is there and cannot be read.
  func read() throws -> HighWater?
  /// Writes it; when this returns it survives a power cut. One call at a time.
  func write(_ mark: HighWater) async throws
}
