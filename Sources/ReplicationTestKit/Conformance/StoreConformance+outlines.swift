import ReplicationCore
import ReplicationEngine
import SignedFeed

extension StoreConformance {
  /// Outlines are those of the records that `scan` finds, in any cut of the range.
  static func outlines(_ store: any ChangeStore) async throws -> [String] {
    let home = FieldID(2)
    let keys = (1...9).map { "k\($0)" }
    let author = replica("450103001001")
    try await store.write { tx in
      let refs = keys.map { RecordRef(ledger, $0) }
      _ = try tx.load(refs, lock: true)
      var records: [RecordRef: Record] = [:]
      for (number, ref) in refs.enumerated() {
        var record = Record()
        let index = UInt64(number * 2 + 1)
        record[.alive] = Register([sibling(author, index, .bool(number % 4 != 3))])
        record[home] = Register([sibling(author, index, .text("450103001001"))])
        record[text] = Register([sibling(author, index + 1, .text("\(number)"))])
        if number % 3 == 0 { record = fullRecord() }
        if number == 4 {
          record = Record()
          record.departed = author.node
        }
        records[ref] = record
      }
      _ = try tx.save(records)
    }
    return try await store.read { tx in
      var complaints: [String] = []
      let records = try tx.scan(ledger, after: nil, limit: 100)
      for (after, through) in [(nil, nil), ("k2", nil), (nil, "k7"), ("k2", "k6")] {
        let expected = records.filter { ref, record in
          record.isHeld && after.map { $0 < ref.key } ?? true
            && through.map { ref.key <= $0 } ?? true
        }
        for limit in [1, 2, 3, 100] {
          var found: [(key: String, outline: RecordOutline)] = []
          var next = after
          for _ in 0..<20 {
            let slice = try tx.outlines(
              ledger, routing: [home], near: nil, after: next, through: through, limit: limit)
            found += slice.records.filter { !$0.outline.held.isEmpty }
            guard let end = slice.next else { break }
            next = end
          }
          complaints += complain(
            found.map(\.key) == expected.map(\.0.key),
            "outlines after \(after ?? "") through \(through ?? "") by \(limit): \(found.map(\.key))"
          )
          for (one, other) in zip(found, expected) {
            complaints += complain(
              isSame(one.outline, RecordOutline(other.1, routing: [home])),
              "the outline of \(one.key) is not its record's")
          }
        }
      }
      return complaints
    }
  }

  private static func isSame(_ a: RecordOutline, _ b: RecordOutline) -> Bool {
    func values(_ outline: RecordOutline) -> Set<RecordOutline.Held> {
      Set(
        outline.held.flatMap { held in
          held.fields.members.map { RecordOutline.Held(held.dot, [$0], side: held.side) }
        })
    }
    return a.homes == b.homes && values(a) == values(b) && Set(a.released) == Set(b.released)
  }
}
