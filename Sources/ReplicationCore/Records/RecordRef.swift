/// A ledger's number on the wire, as the catalog gives it out; never re-used.
package struct LedgerID: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let number: UInt16
  package init(_ number: UInt16) { self.number = number }
  package static func < (a: Self, b: Self) -> Bool { a.number < b.number }
  package var description: String { "ledger \(number)" }
}

/// Names a record: a ledger and a key in its canonical text (uuid: 36 lower-case characters; bigint: decimal; text: as it is).
package struct RecordRef: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let ledger: LedgerID
  package let key: String

  package init(_ ledger: LedgerID, _ key: String) {
    self.ledger = ledger
    self.key = key
  }

  /// By bytes: two keys that only Unicode takes as equivalent are two records.
  package static func == (a: Self, b: Self) -> Bool {
    a.ledger == b.ledger && a.key.compareBytes(b.key) == 0
  }
  package func hash(into hasher: inout Hasher) {
    hasher.combine(ledger.number)
    key.withBytes { hasher.combine(bytes: $0) }
  }
  package static func < (a: Self, b: Self) -> Bool {
    a.ledger == b.ledger ? a.key.compareBytes(b.key) < 0 : a.ledger < b.ledger
  }
  package var description: String { "\(ledger) key \(key)" }
}
