import ReplicationCore

extension ClosureCheck {
  /// Up to how many nodes the whole sample is tried: of more, what is alike stands for each other.
  private static let wholeUpTo = 64
  /// How many that are alike below one parent: the home of a record, its writer and a reader may lie in three of them.
  private static let alike = 3

  /// What a policy says of a node and of all below it, without their codes.
  private struct Signature: Hashable {
    let slug: String
    /// What rules that name this very division as a home say.
    let named: [Naming]
    let grants: [Grant]
    /// Each kind of child and how many there are, none more often than matters.
    let children: [Pair]
  }

  private struct Grant: Hashable {
    let ledger: LedgerID
    let by: FieldSet?
    let rights: ScopeRights
    let homes: Homes
  }

  private enum Homes: Hashable {
    case own, ownCode
    case prefix(HomePrefix)
  }

  private struct Naming: Hashable {
    let ledger: LedgerID
    let subjects: [ScopeSubject]
    let by: FieldSet?
    let rights: ScopeRights
  }

  private struct Pair: Hashable {
    let kind: Int
    let count: Int
  }

  /// The sample without the nodes that others stand for: siblings of which the policy says the same, with all below them.
  static func pruned(_ check: PolicyCheck) -> [NodeID] {
    if check.nodes.count <= wholeUpTo { return check.nodes }
    let named = named(check)
    var below: [NodeID: [NodeID]] = [:]
    var kinds: [Signature: Int] = [:]
    var kind: [NodeID: Int] = [:]
    // From the last to the first, so that children are known before their parents.
    for node in check.nodes.reversed() {
      var counts: [Int: Int] = [:]
      for child in below[node] ?? [] { counts[kind[child] ?? -1, default: 0] += 1 }
      let signature = Signature(
        slug: node.slug, named: named[node.code] ?? [],
        grants: grants(of: node, check),
        children: counts.sorted { $0.key < $1.key }.map {
          Pair(kind: $0.key, count: min($0.value, alike))
        })
      kind[node] = kinds[signature] ?? kinds.count
      kinds[signature] = kind[node]
      if let parent = check.tree.parent(of: node) { below[parent, default: []].append(node) }
    }
    return kept(check, kind)
  }

  private static func kept(_ check: PolicyCheck, _ kind: [NodeID: Int]) -> [NodeID] {
    var seen: [NodeID: [Int: Int]] = [:]
    var kept: Set<NodeID> = []
    for node in check.nodes {
      if let parent = check.tree.parent(of: node) {
        guard kept.contains(parent) else { continue }
        let count = seen[parent, default: [:]][kind[node] ?? -1, default: 0]
        guard count < alike else { continue }
        seen[parent]?[kind[node] ?? -1] = count + 1
      }
      kept.insert(node)
    }
    return check.nodes.filter(kept.contains)
  }

  private static func named(_ check: PolicyCheck) -> [DivisionCode: [Naming]] {
    var named: [DivisionCode: [Naming]] = [:]
    for rule in check.policy.document.rules {
      guard case .codes(let codes) = rule.homes else { continue }
      let naming = Naming(
        ledger: rule.ledger, subjects: rule.subjects, by: rule.by, rights: rule.rights)
      for code in Set(codes) { named[code, default: []].append(naming) }
    }
    return named
  }

  private static func grants(of node: NodeID, _ check: PolicyCheck) -> [Grant] {
    check.policy.catalog.ledgers.flatMap { ledger -> [Grant] in
      (check.policy.scope(of: node, in: ledger.id)?.grants ?? []).map { grant in
        let homes: Homes =
          if grant.prefix == HomePrefix(node.code) {
            .own
          } else if grant.prefix == HomePrefix(exactly: node.code) {
            .ownCode
          } else {
            .prefix(grant.prefix)
          }
        return Grant(ledger: ledger.id, by: grant.by, rights: grant.rights, homes: homes)
      }
    }
  }
}
