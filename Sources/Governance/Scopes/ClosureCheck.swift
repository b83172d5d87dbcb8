import ReplicationCore

/// Checks path closure: nobody can receive what a relay on the way may not hold.
///
/// A policy tells nodes apart only by tier, department and the divisions that it names. So it is enough to try a sample of
/// the tree: every named division and all above it, and below each a few more of which the policy says nothing.
/// Upwards homes do not count, downwards they do; a rule that reads by `own` reads least at a home that is not its own,
/// which the sample also holds.
struct ClosureCheck {
  /// A flow that a relay stops.
  struct Blocked: Hashable {
    let line: Int
    let message: String
    let hint: String
  }

  /// A node of the sample with what it may do at the home under trial.
  private struct Party {
    let node: NodeID
    let read: FieldSet
    let maintain: FieldSet
  }

  private let policy: CompiledPolicy
  private let tree: AdministrativeTree
  private let nodes: [NodeID]

  init(policy: CompiledPolicy) {
    self.policy = policy
    tree = AdministrativeTree(tiers: policy.document.tiers)
    nodes = Self.sample(policy.document)
  }

  /// The blocked flows, each named once by field, writer's rule, reader's rule and relay.
  func blocked() -> [Blocked] {
    var found: [Blocked] = []
    var seen: Set<Blocked> = []
    let homes = nodes.filter(\.slug.isEmpty).map(\.code)
    for ledger in policy.catalog.ledgers {
      let data = ledger.fieldSet.subtracting(ledger.homeSet)
      for home in homes {
        let parties = nodes.compactMap { node -> Party? in
          guard let scope = policy.scope(of: node, in: ledger.id) else { return nil }
          let read = scope.read(homes: [Home(home)])
          let maintain = scope.rights(homes: [Home(home)]).maintain
          return read.isEmpty ? nil : Party(node: node, read: read, maintain: maintain)
        }
        for writer in parties where !writer.maintain.isEmpty {
          for reader in parties where reader.node != writer.node {
            // Existence and homes pass wherever anything does, so one flow of them stands for all.
            var flow = writer.maintain.intersection(reader.read).intersection(data)
            if flow.isEmpty { flow = ledger.homeSet.intersection(writer.maintain) }
            guard !flow.isEmpty else { continue }
            for block in stops(flow, from: writer, to: reader, in: ledger, home: home)
            where seen.insert(block).inserted {
              found.append(block)
            }
          }
        }
      }
    }
    return found.sorted { $0.line < $1.line }
  }

  private func stops(
    _ flow: FieldSet, from writer: Party, to reader: Party, in ledger: Ledger, home: DivisionCode
  ) -> [Blocked] {
    guard let path = tree.path(from: writer.node, to: reader.node) else { return [] }
    var left = flow
    var found: [Blocked] = []
    for node in path.up.dropFirst() {
      judge(node, reads: policy.fields(of: node, in: ledger.id))
    }
    for node in path.down.dropLast() {
      judge(node, reads: policy.fields(of: node, in: ledger.id, homes: [Home(home)]))
    }
    return found

    func judge(_ relay: NodeID, reads: FieldSet) {
      for field in left.subtracting(reads).members {
        found.append(
          describe(field, of: ledger, from: writer.node, to: reader.node, at: relay, home: home))
      }
      left.formIntersection(reads)
    }
  }

  private func describe(
    _ field: FieldID, of ledger: Ledger, from writer: NodeID, to reader: NodeID,
    at relay: NodeID, home: DivisionCode
  ) -> Blocked {
    let source = rule(writer, ledger.id, home) { $0.rights.maintain.contains(field) }
    let target = rule(reader, ledger.id, home) { $0.rights.read.contains(field) }
    let relayTier = Tier(of: relay).rawValue
    let name = ledger.name(of: field)
    return Blocked(
      line: target?.line ?? 0,
      message: "rule \"\(target?.name ?? "")\" lets \(kind(reader)) read field \(name) of ledger "
        + "\(ledger.name), which \(kind(writer)) maintains by rule \(source?.label ?? ""), "
        + "but the \(relayTier) on the way may not read it",
      hint: hint(relay, name, ledger.id))
  }

  /// What to change, and where: the relay's own rule when it has one.
  private func hint(_ relay: NodeID, _ field: String, _ ledger: LedgerID) -> String {
    let own = policy.scope(of: relay, in: ledger)?.grants.first
    let place = own.map { "rule \(policy.document.rules[$0.rule].label)" }
    return "let the \(Tier(of: relay).rawValue) read \(field)"
      + (place.map { ": see \($0)" } ?? ": it has no rule for this ledger")
  }

  private func kind(_ node: NodeID) -> String {
    node.slug.isEmpty
      ? "the \(Tier(of: node).rawValue)"
      : "the \(Tier(level: node.code.level).rawValue) department \(node.slug)"
  }

  private func rule(
    _ node: NodeID, _ ledger: LedgerID, _ home: DivisionCode, where gives: (HomeGrant) -> Bool
  ) -> ScopeRule? {
    let grants = policy.scope(of: node, in: ledger)?.grants ?? []
    return grants.first { $0.prefix.contains(home) && gives($0) }
      .map { policy.document.rules[$0.rule] }
  }
}
