import Governance
import PostgresStore
import ReplicationCore
import ReplicationEngine

extension ControlDesk {
  /// `scope.explain`: what a node may do with a ledger or one record of it, by which rules, and how the fields come to it hop by hop.
  ///
  /// Throws with exit status 2 for a node or a home that cannot be, 1 for a record that is not here when no `homes` are given.
  func scopeExplain(_ arguments: JSON) async throws -> JSON {
    let policy = try policy()
    let ledger = try ledger(arguments)
    let known = try await knownNodes(policy)
    let text = arguments["node"]?.text ?? ""
    let node = try explained(text, known, policy)
    var homes = try given(arguments["homes"]?.elements.compactMap(\.text) ?? [], ledger)
    let key = arguments["key"]?.text
    var record: Record?
    if let key {
      record = try await recordIfHeld(ledger, key)
      if homes == nil, let record { homes = record.routing(by: ledger.homes).homes }
      guard homes != nil else {
        throw OperatorError(
          .explainNotHeld, ["ledger": ledger.name, "key": key, "node": "\(settings.node)"],
          status: .checkFailed)
      }
    }
    let explanation = ScopeExplanation(
      policy: policy, ledger: ledger, node: node, asker: settings.node, homes: homes,
      record: record, now: now())
    var members: [JSON.Member] = [
      .init("node", .string("\(node)")), .init("ledger", .string(ledger.name)),
      .init("epoch", .integer(policy.epoch)), .init("known", .bool(known.contains(node))),
    ]
    if !known.contains(node) {
      members.append(.init("nearest", .array(nearest(to: text, known).map { .string($0) })))
    }
    if let key {
      members.append(.init("key", .string(key)))
      members.append(.init("held", .bool(record != nil)))
    }
    return .object(members + explanation.members)
  }

  /// The node that is asked about. Throws with the nearest known names when there can be none of this id.
  private func explained(
    _ text: String, _ known: Set<NodeID>, _ policy: CompiledPolicy
  ) throws -> NodeID {
    let names = nearest(to: text, known).joined(separator: ", ")
    guard let node = NodeID(text) else {
      throw OperatorError(.nodeMalformedNear, ["node": text, "nearest": names], status: .usage)
    }
    let document = policy.document
    let isNamed = known.contains(node) || document.names(node)
    let mayBe =
      document.region.contains(node.code) && document.tiers.contains(node.code.level)
      && (node.slug.isEmpty || policy.departments.contains(node.slug))
    guard isNamed || mayBe else {
      throw OperatorError(
        .nodeCannotBe,
        [
          "node": text, "nearest": names, "region": "\(document.region)",
          "tiers": document.tiers.map { Tier(level: $0).rawValue }.joined(separator: ", "),
          "departments": policy.departments.joined(separator: ", "),
        ], status: .usage)
    }
    return node
  }

  /// All nodes of which this node has heard: its links, all above it, and whose signatures it has seen.
  private func knownNodes(_ policy: CompiledPolicy) async throws -> Set<NodeID> {
    var known = Set(service.board.knownPeers)
    known.formUnion(
      AdministrativeTree(tiers: policy.document.tiers).ascent(from: settings.node))
    known.formUnion(try await store.read { try $0.signers() }.map(\.node))
    return known
  }

  /// The known names nearest to one that is not known: what was perhaps meant, then those of the same division.
  private func nearest(to text: String, _ known: Set<NodeID>) -> [String] {
    let names = known.sorted().map(\.description)
    let meant = Spelling.nearest(to: text, among: names)
    func shared(_ name: String) -> Int { zip(name, text).prefix { $0 == $1 }.count }
    let near = names.filter { $0 != meant && shared($0) >= 2 }
      .sorted { (shared($1), $0) < (shared($0), $1) }
    return Array(([meant].compactMap(\.self) + near).prefix(3))
  }

  /// Homes as an operator gives them: `CODE`, or `COLUMN=CODE` for another home column. Nil when there are none.
  private func given(_ texts: [String], _ ledger: Ledger) throws -> [Home]? {
    if texts.isEmpty { return nil }
    return try texts.map { text in
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = parts.count > 1 ? String(parts[0]) : ledger.homes.first.map(ledger.name(of:))
      let column = ledger.homes.firstIndex { ledger.name(of: $0) == name }
      guard let column, let code = parts.last.flatMap({ DivisionCode($0) }) else {
        throw OperatorError(
          .homeMalformed,
          [
            "home": text, "ledger": ledger.name,
            "columns": ledger.homes.map(ledger.name(of:)).joined(separator: ", "),
          ], status: .usage)
      }
      return Home(code, column: UInt8(column))
    }
  }
}

extension ScopeDocument {
  /// Whether a rule or an authority names just this node.
  fileprivate func names(_ node: NodeID) -> Bool {
    (rules.flatMap(\.subjects) + authorities.flatMap(\.subjects)).contains {
      $0.isExact && $0.contains(node)
    }
  }
}
