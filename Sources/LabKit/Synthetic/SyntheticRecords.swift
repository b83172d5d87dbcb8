import Governance
package import ReplicationCore
import SeededRandom

/// Realistic records of a base ledger for one home: the same arguments give the same records on every machine.
///
/// Identity numbers and credit codes have valid check characters and belong to nobody on purpose; telephone numbers come from one block.
package struct SyntheticRecords: Sequence, Sendable {
  /// The ledgers that records can be made for.
  package static let ledgers = ["resident", "house", "organization", "event", "disability"]

  /// The columns that each record fills, the key first. Others (what a village does not maintain) stay null.
  package let columns: [String]
  /// How many records the sequence has.
  package let count: Int
  private let ledger: String
  private let home: DivisionCode
  private let residences: [DivisionCode]
  private let seed: UInt64

  /// - Parameters:
  ///   - ledger: one of `ledgers`; else nil.
  ///   - home: every record's home.
  ///   - residences: where one person in ten lives instead; empty: all live at home.
  ///   - seed: another seed gives other records, with other keys.
  package init?(
    ledger: String, home: DivisionCode, count: Int, seed: UInt64, residences: [DivisionCode] = []
  ) {
    switch ledger {
    case "resident": columns = SyntheticResident.columns
    case "house": columns = SyntheticHouse.columns
    case "organization": columns = SyntheticOrganization.columns
    case "event": columns = SyntheticEvent.columns
    case "disability": columns = SyntheticDisability.columns
    default: return nil
    }
    self.ledger = ledger
    self.home = home
    self.count = Swift.max(0, count)
    self.seed = seed
    self.residences = residences
  }

  package func makeIterator() -> Iterator {
    var mixed = seed &* 0x9E37_79B9_7F4A_7C15 ^ home.number
    for byte in ledger.utf8 { mixed = mixed &* 31 &+ UInt64(byte) }
    return Iterator(
      ledger: ledger, home: home, residences: residences, count: count,
      numbers: SplitMix64(seed: mixed))
  }

  /// Gives one record after another.
  package struct Iterator: IteratorProtocol {
    fileprivate let ledger: String
    fileprivate let home: DivisionCode
    fileprivate let residences: [DivisionCode]
    fileprivate let count: Int
    fileprivate var numbers: SplitMix64
    fileprivate var made = 0

    fileprivate init(
      ledger: String, home: DivisionCode, residences: [DivisionCode], count: Int,
      numbers: SplitMix64
    ) {
      self.ledger = ledger
      self.home = home
      self.residences = residences
      self.count = count
      self.numbers = numbers
    }

    /// The next record's values in the order of `columns`, each ready for COPY's text format (`\N` is null).
    package mutating func next() -> [String]? {
      guard made < count else { return nil }
      let key = SyntheticValues.uuid(order: UInt64(made), using: &numbers)
      made += 1
      switch ledger {
      case "resident":
        let residence = residence()
        return SyntheticResident.values(
          key: key, home: home, residence: residence, using: &numbers)
      case "disability":
        let residence = residence()
        return SyntheticDisability.values(
          key: key, home: home, residence: residence, using: &numbers)
      case "house": return SyntheticHouse.values(key: key, home: home, using: &numbers)
      case "organization":
        return SyntheticOrganization.values(key: key, home: home, using: &numbers)
      default: return SyntheticEvent.values(key: key, home: home, using: &numbers)
      }
    }

    /// Where a person lives: one in ten elsewhere.
    private mutating func residence() -> DivisionCode {
      if !residences.isEmpty, numbers.isOne(in: 10) { return numbers.pick(residences) }
      return home
    }
  }
}
