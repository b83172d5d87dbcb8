import DaemonKit
package import ReplicationCore

/// Synthetic records of one home as COPY commands, made as they are needed.
package struct SampleRecords: Sequence, IteratorProtocol {
  private let ledger: String
  private var source: SyntheticRecords.Iterator
  package let columns: [String]
  /// Records per command.
  private let size: Int

  /// Some records, as one COPY command with its data.
  package struct Chunk: Sendable {
    package let count: Int
    package let copy: [UInt8]
  }

  /// Prepares records; throws `lab-ledger-unknown`.
  package init(
    ledger: String, home: DivisionCode, count: Int, seed: UInt64, size: Int = RecordLoad.chunk
  ) throws {
    guard let records = SyntheticRecords(ledger: ledger, home: home, count: count, seed: seed)
    else {
      let known = SyntheticRecords.ledgers.joined(separator: ", ")
      throw OperatorError(.labLedgerUnknown, ["ledger": ledger, "known": known], status: .usage)
    }
    self.ledger = ledger
    self.size = size
    columns = records.columns
    source = records.makeIterator()
  }

  /// The next command; nil when all records were given.
  package mutating func next() -> Chunk? {
    var text = "COPY ledger.\(ledger) (\(columns.joined(separator: ", "))) FROM STDIN;\n"
    var count = 0
    while count < size, let row = source.next() {
      text += row.joined(separator: "\t")
      text += "\n"
      count += 1
    }
    guard count > 0 else { return nil }
    text += "\\.\n"
    return Chunk(count: count, copy: Array(text.utf8))
  }
}
