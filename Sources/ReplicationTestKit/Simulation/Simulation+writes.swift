import ReplicationCore
import ReplicationEngine
import SeededRandom

extension Simulation {
  /// A write as an application makes it; sealed at once or later.
  func write() {
    if let (id, ref) = heldRow() { return writeHeld(ref, at: id) }
    let id = randomNode()
    let ref = refs.randomElement(using: &network.rng) ?? refs[0]
    let snapshot = network.node(id).store.snapshot
    if snapshot.busy.contains(ref) || begin(ref, at: id) { return }
    if snapshot.captured.contains(where: { $0.ref == ref }) { return seal(id) }
    write(ref, at: id)
    if network.rng.chance(0.7) { seal(id) }
  }

  /// Captures what an application at a node writes into a record, as the record stands there; nothing when its database refuses it.
  func write(_ ref: RecordRef, at id: NodeID) {
    let record = network.node(id).store.snapshot.records[ref] ?? Record()
    guard let drawn = record.isHeld ? edit(ref, record, id) : creation(ref, id),
      var write = inScope(drawn, record, id)
    else { return }
    if options.staleForms, !write.isCreation, network.rng.chance(0.25) {
      write = stale(write, record)
    }
    capture(write, at: id)
  }

  /// An application at a node moves a record that it holds, where its database allows that.
  func move(_ ref: RecordRef, at id: NodeID) {
    let state = network.node(id).store.snapshot
    guard !state.busy.contains(ref), let record = state.records[ref], record.isHeld,
      !record.isDeleted, let home = tree.villages.randomElement(using: &network.rng)?.code,
      let write = inScope(
        captured(ref, [SimulationPolicy.home: .text(home.description)]), record, id)
    else { return }
    capture(write, at: id)
  }

  private func capture(_ write: CapturedWrite, at id: NodeID) {
    network.trace?("write \(id) \(write.ref) \(write.values) deletion \(write.isDeletion)")
    network.node(id).store.mutate { $0.capture(write) }
  }

  private func captured(
    _ ref: RecordRef, _ values: FieldValues, isDeletion: Bool = false,
    isCreation: Bool = false, verified: [CapturedWrite.SeenValue] = []
  ) -> CapturedWrite {
    CapturedWrite(
      ref: ref, values: values, isDeletion: isDeletion, isCreation: isCreation, time: network.now,
      actor: "simulation", verified: verified)
  }

  /// The same write from a form that was opened earlier: of each field it had seen less, or nothing.
  private func stale(_ write: CapturedWrite, _ record: Record) -> CapturedWrite {
    let fields = write.isDeletion ? record.heldFields : write.values.fields
    let seen = fields.members.map { field in
      let context = record[field].context.entries.compactMap { entry -> VersionVector.Entry? in
        let index = network.rng.chance(0.5) ? entry.index : entry.index / 2
        return index > 0 ? VersionVector.Entry(entry.replica, index) : nil
      }
      return FieldContext(field, VersionVector(canonical: context) ?? VersionVector())
    }
    return CapturedWrite(
      ref: write.ref, values: write.values, isDeletion: write.isDeletion,
      isCreation: write.isCreation, time: write.time, actor: write.actor, seen: seen,
      verified: write.verified)
  }

  /// What the node's own database takes of a write; nil when it refuses it. A record that is made again claims a home anew.
  private func inScope(
    _ write: CapturedWrite, _ record: Record, _ id: NodeID
  ) -> CapturedWrite? {
    guard var write = readable(write, record, id) else { return nil }
    if !options.scopes { return write }
    if write.isCreation, record.isHeld {
      guard let made = creation(write.ref, id) else { return nil }
      var values = made.values
      for field in record.heldFields.subtracting(.existence).members
      where values[field] == nil && record[field].isOpen {
        values[field] = .null
      }
      write = captured(write.ref, values, isCreation: true)
    }
    var act = Act(
      written: write.values.fields, creates: write.isCreation, deletes: write.isDeletion)
    act.verified = FieldSet(write.verified.map(\.field))
    let before =
      write.isCreation ? Routing.neverKnown : record.routing(by: SimulationPolicy.routing)
    let homes = [write.values[SimulationPolicy.home]?.divisionCode].compactMap { $0 }
    let reason = network.node(id).replicator.policy.violation(
      by: id, in: write.ref.ledger, act: act, before: before,
      after: homes.isEmpty ? before : .homes([Home](columns: homes)))
    return reason == nil ? write : nil
  }

  /// Without the fields that the node sees masked, which nobody maintains who does not see them; nil when nothing is left.
  private func readable(
    _ write: CapturedWrite, _ record: Record, _ id: NodeID
  ) -> CapturedWrite? {
    let policy = network.node(id).replicator.policy
    let homes = record.routing(by: SimulationPolicy.routing).homes
    var masked = policy.masks(of: id, in: write.ref.ledger).fields
    if !homes.isEmpty, !write.isCreation, network.node(id).replicator.parent != nil {
      masked = policy.masks(of: id, in: write.ref.ledger, homes: homes).fields
    }
    masked.formUnion(FieldSet(record.registers.filter { !$0.register.isOpen }.map(\.field)))
    if masked.isDisjoint(with: write.values.fields) { return write }
    var values = write.values
    for field in masked.members { values[field] = nil }
    if values.isEmpty, !write.isCreation, !write.isDeletion { return nil }
    return CapturedWrite(
      ref: write.ref, values: values, isDeletion: write.isDeletion, isCreation: write.isCreation,
      time: write.time, actor: write.actor, seen: write.seen)
  }

  private func randomValue() -> Value {
    if options.masks { return .text("w\(Int64.random(in: 0..<1_000_000, using: &network.rng))") }
    return .integer(Int64.random(in: 0..<1_000_000, using: &network.rng))
  }

  /// A village anywhere, or none any more.
  private func randomResidence() -> Value {
    if network.rng.chance(0.2) { return .null }
    let village = tree.villages.randomElement(using: &network.rng)
    return village.map { .text($0.code.description) } ?? .null
  }

  private func creation(_ ref: RecordRef, _ id: NodeID) -> CapturedWrite? {
    let policy = network.node(id).replicator.policy
    let below = tree.villages.map(\.code).filter(id.code.contains)
    guard let home = below.randomElement(using: &network.rng) else { return nil }
    var values: FieldValues = [SimulationPolicy.home: .text(home.description)]
    let fields = policy.fields(of: id, in: ref.ledger)
    for field in SimulationPolicy.data where fields.contains(field) && network.rng.chance(0.6) {
      values[field] = randomValue()
    }
    if options.residences, network.rng.chance(0.25) {
      values[SimulationPolicy.residence] = randomResidence()
    }
    return captured(ref, values, isCreation: true)
  }

  private func edit(_ ref: RecordRef, _ record: Record, _ id: NodeID) -> CapturedWrite? {
    let policy = network.node(id).replicator.policy
    let homes = record.routing(by: SimulationPolicy.routing).homes
    guard !homes.isEmpty else { return nil }
    let own = policy.fields(of: id, in: ref.ledger, homes: homes)
    guard !own.isEmpty else { return nil }
    if record.isDeleted { return captured(ref, [:], isCreation: true) }
    let isHigh = id == tree.region || id == tree.city || tree.counties.contains(id)
    switch Double.random(in: 0..<1, using: &network.rng) {
    case ..<0.05 where options.residences:
      return captured(ref, [SimulationPolicy.residence: randomResidence()])
    case ..<0.15:
      let home = tree.villages.randomElement(using: &network.rng)?.code
      return home.map { captured(ref, [SimulationPolicy.home: .text($0.description)]) }
    case ..<0.25:
      return captured(ref, [:], isDeletion: true)
    case ..<0.45 where isHigh:
      let seen = record.registers.filter { $0.field != .verified && $0.field != .alive }
        .map { CapturedWrite.SeenValue($0.field, $0.register.dots) }
      return captured(ref, [:], verified: seen)
    default:
      var values: FieldValues = [:]
      for field in SimulationPolicy.data where own.contains(field) && network.rng.chance(0.5) {
        values[field] = randomValue()
      }
      return values.isEmpty ? nil : captured(ref, values)
    }
  }
}
