import DaemonKit
import Governance
import ReplicationCore
import SeededRandom

extension Torture {
  /// Makes committed writes vanish before they are sealed; says where. Nil when no such loss was asked for.
  func lose(_ world: TortureWorld) async throws -> String? {
    guard settings.loss == .outbox,
      let village = world.nodes.last(where: { $0.tier == .village })
    else { return nil }
    if world.lab.runningDaemons()[village.node] != nil { try world.lab.kill(village.node) }
    let writer = try TortureWriter(world, at: village)
    var rng = SplitMix64(seed: settings.seed)
    for _ in 0..<40 {
      do { try await writer.step(&rng) } catch { await writer.connection.rollback() }
    }
    let tables = world.catalog.ledgers.map { "DELETE FROM huijia.outbox_\($0.name);" }
    try superuser(world, village.node, tables.joined(separator: "\n"))
    return "the outbox of \(village.node)"
  }

  /// Breaks a row behind the system's back, when all is still; says which table.
  func loseAtRest(_ world: TortureWorld) throws -> String? {
    guard let county = world.nodes.first(where: { $0.tier == .county }),
      let ledger = world.catalog.ledgers.first
    else { return nil }
    let table = "ledger.\(ledger.name)"
    let key = ledger.key.name
    let one = "\(key) = (SELECT \(key) FROM \(table) WHERE name IS NOT NULL LIMIT 1)"
    switch settings.loss {
    case .row:
      try superuser(
        world, county.node,
        "SET session_replication_role = replica; DELETE FROM \(table) WHERE \(one);")
    case .value:
      try superuser(
        world, county.node,
        "SET session_replication_role = replica; UPDATE \(table) SET name = 'w' WHERE \(one);")
    case .outbox, nil: return nil
    }
    return "\(table) of \(county.node)"
  }

  private func superuser(_ world: TortureWorld, _ node: NodeID, _ sql: String) throws {
    try world.lab.cluster().execute(sql, database: world.lab.database(of: node).name)
  }
}
