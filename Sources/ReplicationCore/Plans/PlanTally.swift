/// On which link, of which ledger, and for which homes a policy that is planned gives or takes something.
package struct PlanFlow: Hashable, Sendable {
  /// Who sends or withdraws; the same as `receiver` for what a node gives up of its own writing.
  package var sender: NodeID
  /// Who holds more or less afterwards.
  package var receiver: NodeID
  package var ledger: LedgerID
  /// The homes of the records that are counted together.
  package var homes: [Home]

  package init(sender: NodeID, receiver: NodeID, ledger: LedgerID, homes: [Home]) {
    self.sender = sender
    self.receiver = receiver
    self.ledger = ledger
    self.homes = homes
  }
}

/// How much a policy that is planned gives and takes: counts, and nothing of any record.
package struct PlanTally: Hashable, Sendable {
  /// Of one field.
  package struct Counts: Hashable, Sendable {
    /// Values (not null) that the receiver does not hold now and will.
    package var gained: UInt64 = 0
    /// Values that it holds now and will not.
    package var lost: UInt64 = 0
    /// Values that it will hold under another mask.
    package var remasked: UInt64 = 0
    /// Of those gained: values of which all that stands there is verified, so that they pass a gate.
    package var verified: UInt64 = 0
    /// Estimated bytes of what is gained.
    package var bytes: UInt64 = 0

    package init() {}

    package var isEmpty: Bool { self == Counts() }

    fileprivate mutating func add(_ other: Counts) {
      gained += other.gained
      lost += other.lost
      remasked += other.remasked
      verified += other.verified
      bytes += other.bytes
    }
  }

  /// Records of which the receiver sees nothing now and will see something.
  package var gained: UInt64 = 0
  /// Records of which it sees something now and will see nothing.
  package var lost: UInt64 = 0
  package var fields: [FieldID: Counts] = [:]
  /// Estimated bytes that go over the link, both what is given and what takes away.
  package var bytes: UInt64 = 0

  package init() {}

  package var isEmpty: Bool { gained == 0 && lost == 0 && fields.isEmpty && bytes == 0 }

  /// Adds what was counted elsewhere.
  package mutating func add(_ other: PlanTally) {
    gained += other.gained
    lost += other.lost
    bytes += other.bytes
    for (field, counts) in other.fields { fields[field, default: Counts()].add(counts) }
  }

  /// Bytes of a record's state beside its values, and of a withdrawal, about as measured on links.
  package static let stateBytes: UInt64 = 260
  package static let withdrawalBytes: UInt64 = 60
  /// Bytes of a value beside itself: its salt, its place in the author's batch.
  package static let valueBytes: UInt64 = 40
}

extension Value {
  /// About how many bytes a value takes on a link.
  package var estimatedBytes: UInt64 {
    switch self {
    case .null, .bool: 1
    case .date: 5
    case .integer, .timestamp: 9
    case .uuid: 17
    case .decimal(let text), .text(let text), .json(let text): UInt64(text.utf8.count) + 2
    case .bytes(let bytes): UInt64(bytes.count) + 2
    case .masked(let masked): masked.shown.estimatedBytes + 1
    case .deleted(let contexts): UInt64(contexts.count) * 24
    case .verified(let words): UInt64(words.count) * 60
    }
  }
}
