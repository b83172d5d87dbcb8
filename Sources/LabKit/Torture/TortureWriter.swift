import DaemonKit
import Governance
import PostgresStore
import ReplicationCore
import ReplicationEngine
import SeededRandom

/// An application at one node: one connection, one transaction after another, plain SQL.
struct TortureWriter: Sendable {
  let world: TortureWorld
  let node: LabPlan.Node
  let connection: TortureConnection
  /// Reads, while the row is locked, which values stand in conflict beside the shown one.
  let store: PostgresStore

  init(_ world: TortureWorld, at node: LabPlan.Node) throws {
    self.world = world
    self.node = node
    connection = TortureConnection(
      try world.lab.connection(to: node.node), place: "\(node.node)", journal: world.journal)
    store = try world.store(node.node)
  }

  /// Writes until the moment comes, with rests of `pause` milliseconds at most.
  func run(until end: ContinuousClock.Instant, pause: Int) async {
    var rng = SplitMix64(
      seed: world.seed &* 31 &+ node.node.code.number &+ UInt64(node.node.slug.utf8.count))
    while ContinuousClock().now < end, !Interruption.happened {
      do {
        try await step(&rng)
      } catch let error as PostgresError {
        await connection.rollback()
        judge(error)
      } catch {
        await connection.rollback()
      }
      try? await Task.sleep(for: .milliseconds(1 + rng.below(pause)))
    }
    await connection.rollback()
  }

  /// One transaction.
  func step(_ rng: inout SplitMix64) async throws {
    // What waits behind a gate for a verification the account cannot tell from what was lost.
    let ledgers = world.catalog.ledgers.filter { ledger in
      !world.policy.hasGate(ledger.id)
        && (!maintained(ledger, at: node.node.code).isEmpty || !node.node.slug.isEmpty)
    }
    guard !ledgers.isEmpty else { return }
    // The first ledger, where most is at stake, as often as all others.
    let ledger = rng.isOne(in: 2) ? ledgers[0] : rng.pick(ledgers)
    let ref = rng.isOne(in: 5) ? nil : world.journal.pick(ledger.id, using: &rng)
    if let ref {
      try await change(ref, of: ledger, &rng)
    } else {
      let key = TortureValues.key(
        ledger.key.type, seed: world.seed, number: world.journal.nextNumber())
      try await insert(RecordRef(ledger.id, key), into: ledger, &rng)
    }
  }

  /// The fields that this node may write for a home.
  func maintained(_ ledger: Ledger, at home: DivisionCode) -> [LedgerField] {
    let allowed = world.policy.explain(node.node, ledger.id, homes: [Home(home)]).filter(\.maintain)
    return ledger.fields.filter { field in allowed.contains { $0.field == field.id } }
  }

  /// A refusal by scope is as it should be; a lock that did not come is not.
  private func judge(_ error: PostgresError) {
    switch error.sqlState {
    case "HJ001": world.journal.noteRefusal()
    case "23505": world.journal.noteCollision()
    case "40P01", "55P03":
      world.journal.noteTrouble(
        "\(node.node): \(error.sqlState) \(error.message): \(error.statement.prefix(60))")
    default:
      if error.isConnectionLoss { return }
      world.journal.noteTrouble(
        "\(node.node): \(error.sqlState) \(error.message): \(error.statement.prefix(60))")
    }
  }

  /// What the store holds of a record: values in conflict, by field, the shown one among them.
  func held(_ ref: RecordRef) async throws -> [FieldID: Set<String>] {
    let record = try await store.read { try $0.load([ref], lock: false).records[ref] }
    guard let record else { return [:] }
    // An unsealed value stands under the dot of the one before it; the caller holds the row, so none is sealed meanwhile.
    if try await store.isSealed(ref) { world.journal.noteDots(ref, record) }
    var result: [FieldID: Set<String>] = [:]
    for entry in record.registers {
      result[entry.field] = Set(entry.register.siblings.compactMap(\.value.mark))
    }
    return result
  }

  /// Commits and writes the journal.
  func finish(_ write: TortureWrite) async throws {
    let isAcknowledged = try await connection.commit()
    world.journal.note(
      TortureWrite(
        number: write.number, node: write.node, ref: write.ref, kind: write.kind,
        values: write.values, saw: write.saw, isAcknowledged: isAcknowledged, time: write.time))
  }
}
