package import ReplicationCore
package import ReplicationEngine

extension LedgerTable {
  /// Why a value cannot stand in a field of this ledger; nil when it can.
  func obstacle(to value: Value, in field: FieldID) -> StoreObstacle? {
    if field == .alive || field == .verified { return value.obstacle(inExistence: field) }
    guard let type = type(of: field) else { return .unknownField }
    let value = value.unwrapped
    if case .null = value { return nil }
    guard type.takes(value) else { return .wrongType }
    return value.fault.map { .fault($0) }
  }
}

extension ColumnType {
  /// Whether a column of this type can hold values of this kind.
  fileprivate func takes(_ value: Value) -> Bool {
    switch (self, value) {
    case (.text, .text), (.decimal, .decimal), (.json, .json), (.bool, .bool),
      (.integer, .integer), (.date, .date), (.timestamp, .timestamp), (.uuid, .uuid):
      true
    default: false
    }
  }
}

extension PostgresTransaction {
  package func obstacle(to ref: RecordRef) -> StoreObstacle? {
    guard let ledger = try? ledgers.table(ref.ledger) else { return .unknownLedger }
    return ledger.keyType.isCanonical(ref.key) ? nil : .invalidKey
  }

  package func obstacle(
    to writes: [FieldWrite], of ledger: LedgerID
  ) -> (FieldID, StoreObstacle)? {
    guard let table = try? ledgers.table(ledger) else {
      return writes.first.map { ($0.field, .unknownLedger) }
    }
    for write in writes {
      if let obstacle = table.obstacle(to: write.value, in: write.field) {
        return (write.field, obstacle)
      }
    }
    return nil
  }
}
