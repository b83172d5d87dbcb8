import Governance
import ReplicationCore
import SeededRandom

extension TortureWriter {
  /// A new record, or one whose key was written before and shows no row here: deleted, moved away, or made elsewhere at this moment.
  func insert(_ ref: RecordRef, into ledger: Ledger, _ rng: inout SplitMix64) async throws {
    let villages = world.villages(of: node)
    guard !villages.isEmpty, let homeField = ledger.homes.first else { return }
    let home = rng.pick(villages)
    let fields = maintained(ledger, at: home)
    guard fields.contains(where: { $0.id == homeField }) else { return }
    let number = world.journal.nextNumber()
    var values = homes(home, of: ledger, &rng)
    for field in fields where !ledger.homeSet.contains(field.id) && rng.below(3) > 0 {
      values[field.id] = TortureValues.value(
        for: field, number: number, unlike: nil, using: &rng)
    }
    let columns = values.keys.sorted()
    let names = [ledger.key.name] + columns.map { ledger.name(of: $0) }
    let literals = [ref.key] + columns.map { values[$0] ?? "" }
    let sql = """
      INSERT INTO ledger.\(ledger.name) (\(names.joined(separator: ", ")))
      VALUES ('\(literals.joined(separator: "', '"))')
      """
    let time = world.journal.now
    try await connection.begin(actor: TortureValues.mark(number))
    try await connection.execute(sql)
    // Read behind the insert: nothing else takes the key now.
    let saw = try await held(ref)
    await think(&rng)
    try await finish(
      TortureWrite(
        number: number, node: node.node, ref: ref, kind: .insert, values: values, saw: saw,
        isAcknowledged: true, time: time))
  }

  /// Reads a row for update and writes over what it showed, as a form does.
  func change(_ ref: RecordRef, of ledger: Ledger, _ rng: inout SplitMix64) async throws {
    let number = world.journal.nextNumber()
    let time = world.journal.now
    try await connection.begin(actor: TortureValues.mark(number))
    guard let row = try await connection.lock(ref, of: ledger) else {
      await connection.rollback()
      let isFree = world.hasRivals || world.journal.isDeleted(ref, by: node.node)
      if isFree, rng.isOne(in: 12) { try await insert(ref, into: ledger, &rng) }
      return
    }
    var saw = try await held(ref)
    for (field, value) in row { saw[field, default: []].insert(value) }
    let standing = [Home](columns: ledger.homes.map { row[$0].flatMap { DivisionCode($0) } })
    let allowed = world.policy.explain(node.node, ledger.id, homes: standing).filter(\.maintain)
    let fields = ledger.fields.filter { field in allowed.contains { $0.field == field.id } }
    let mayMove = ledger.homes.first.map { home in fields.contains { $0.id == home } } ?? false
    let table = "ledger.\(ledger.name)"
    let place = "WHERE \(ledger.key.name) = '\(ref.key)'"
    var kind = TortureWrite.Kind.update
    var values: [FieldID: String] = [:]
    if mayMove, rng.isOne(in: 25) {
      kind = .delete
      try await connection.execute("DELETE FROM \(table) \(place)")
    } else {
      values = mayMove && rng.isOne(in: 10) ? homes(target(&rng), of: ledger, &rng) : [:]
      let data = fields.filter { !ledger.homeSet.contains($0.id) }
      for _ in 0..<(values.isEmpty ? 1 + rng.below(3) : rng.below(2)) where !data.isEmpty {
        let field = rng.pick(data)
        values[field.id] = TortureValues.value(
          for: field, number: number, unlike: row[field.id], using: &rng)
      }
      values = TortureWrite.changes(values, of: row)
      if values.isEmpty {
        await connection.rollback()
        return
      }
      let sets = values.sorted { $0.key < $1.key }.map {
        "\(ledger.name(of: $0.key)) = '\($0.value)'"
      }
      try await connection.execute("UPDATE \(table) SET \(sets.joined(separator: ", ")) \(place)")
    }
    await think(&rng)
    try await finish(
      TortureWrite(
        number: number, node: node.node, ref: ref, kind: kind, values: values, saw: saw,
        isAcknowledged: true, time: time))
  }

  /// A home, and codes of the same town that tell this write for the ledger's other home columns.
  private func homes(
    _ home: DivisionCode, of ledger: Ledger, _ rng: inout SplitMix64
  ) -> [FieldID: String] {
    var values: [FieldID: String] = [:]
    for (index, field) in ledger.homes.enumerated() {
      values[field] =
        index == 0 ? home.description : TortureValues.neighbour(of: home, using: &rng)
    }
    return values
  }

  /// Where a record moves: a village of the same county mostly, of any county, or one that has no node of its own.
  private func target(_ rng: inout SplitMix64) -> DivisionCode {
    let county = node.node.code.truncated(to: .county)
    let near = world.villages.filter { county.contains($0) }
    let village = rng.pick(near.isEmpty || rng.isOne(in: 3) ? world.villages : near)
    guard rng.isOne(in: 5) else { return village }
    return DivisionCode(TortureValues.neighbour(of: village, using: &rng)) ?? village
  }

  /// Sometimes a person looks at the form while the row is locked.
  private func think(_ rng: inout SplitMix64) async {
    guard rng.isOne(in: 6) else { return }
    try? await Task.sleep(for: .milliseconds(rng.below(60)))
  }
}
