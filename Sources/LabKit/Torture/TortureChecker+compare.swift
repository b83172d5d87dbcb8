import Governance
import ReplicationCore
import ReplicationEngine

extension TortureChecker {
  /// Linked nodes that may see a field show the same value and hold the same in conflict; and nothing stands that was overwritten.
  mutating func compare(_ item: Case, _ field: LedgerField, _ history: TortureHistory) {
    let viewers = world.nodes.filter { item.views[$0.node]?.contains(field.id) ?? false }
    for node in viewers {
      guard let parent = node.parent, let above = evidence[parent], let below = evidence[node.node],
        viewers.contains(where: { $0.node == parent })
      else { continue }
      let (x, y) = (above.rows[item.ref]?[field.id], below.rows[item.ref]?[field.id])
      if let x, let y, x != y {
        add(
          .disagreement, at: node.node, item, "shows another value than \(parent)", in: field,
          mark: y)
      }
      let dotsAbove = above.records[item.ref]?[field.id].dots ?? []
      let dotsBelow = below.records[item.ref]?[field.id].dots ?? []
      if dotsAbove != dotsBelow {
        add(.conflict, at: node.node, item, "holds other values than \(parent)", in: field)
      }
    }
    guard TortureValues.isUnique(field.type) else { return }
    for node in viewers {
      let values = evidence[node.node]?.values(item.ref, field.id) ?? []
      for value in values.sorted() where !value.isEmpty {
        if history.past(of: [value]).isEmpty {
          add(.foreign, at: node.node, item, "a value stands that nobody wrote", in: field)
        }
        if !item.isRefused { checkUndead(value, values, node.node, item, field, history) }
      }
    }
  }

  private mutating func checkUndead(
    _ value: String, _ values: Set<String>, _ node: NodeID, _ item: Case, _ field: LedgerField,
    _ history: TortureHistory
  ) {
    for other in values.sorted() where other != value && !other.isEmpty {
      let own = history.past(of: [value])
      let past = history.certainPast(of: other)
      if own.isStrictSubset(of: past) {
        add(
          .undead, at: node, item, "\(value) stands beside \(other), whose writer had seen it",
          in: field, mark: value)
      }
    }
  }
}
