import Governance
import ReplicationCore

/// Who may see what: the scopes, asked with homes that come from the run and not from a node's own view of itself.
struct TortureVisibility {
  let world: TortureWorld
  let evidence: [NodeID: TortureEvidence]

  /// The topmost node that may read anything of a ledger, for any home: it knows where every record lives.
  func reference(_ ledger: LedgerID) -> NodeID? {
    world.nodes.first { !world.views.fields(of: $0.node, in: ledger).isEmpty }?.node
  }

  /// The homes of a record as the topmost node shows them, or holds them of a deleted one; nil when it never heard of it.
  func homes(_ ref: RecordRef) -> [Home]? {
    guard let ledger = world.catalog[ref.ledger], let top = reference(ref.ledger),
      let seen = evidence[top]
    else { return nil }
    let texts = ledger.homes.map { home -> String? in
      if let row = seen.rows[ref] { return row[home] }
      return seen.records[ref]?[home].shown(isRouting: true)?.value.mark
    }
    guard texts.contains(where: { $0 != nil }) else { return nil }
    return [Home](columns: texts.map { $0.flatMap { DivisionCode($0) } })
  }

  /// The declared fields that a node may hold of a record with these homes.
  func view(_ node: NodeID, _ ledger: Ledger, _ homes: [Home]) -> FieldSet {
    world.views.fields(of: node, in: ledger.id, homes: homes).intersection(ledger.fieldSet)
  }

  /// Whether a record that lived in these counties can have carried a field from one to another: each node above them that joins two must be allowed to read it.
  func crosses(_ field: FieldID, _ ledger: LedgerID, _ counties: Set<DivisionCode>) -> Bool {
    guard counties.count > 1 else { return true }
    let joining = world.nodes.filter { node in
      node.node.slug.isEmpty && counties.allSatisfy { node.node.code.contains($0) }
    }
    // The nearest common ancestor, and what lies between it and the counties.
    guard let top = joining.max(by: { $0.node.code.level < $1.node.code.level }) else {
      return false
    }
    let between = world.nodes.filter { node in
      node.node.slug.isEmpty && top.node.code.contains(node.node.code)
        && node.node.code.level < .county
        && counties.contains { node.node.code.contains($0) }
    }
    return between.allSatisfy {
      world.views.fields(of: $0.node, in: ledger).contains(field)
    }
  }
}
