import Governance
import ReplicationCore

extension TortureChecker {
  /// Every acknowledged write of a field, at every node that may see it.
  mutating func account(_ item: Case, _ field: LedgerField, _ history: TortureHistory) {
    let wanted = item.writes.indices.filter { index in
      let value = item.writes[index].value(of: field.id)
      return item.writes[index].isAcknowledged && value != nil && value != ""
    }
    guard !wanted.isEmpty else { return }
    let deleted = deletedPast(item, history)
    let viewers = world.nodes.map(\.node).filter {
      item.views[$0]?.contains(field.id) ?? false
    }
    // Between counties only what their common ancestor may read arrives; the rest is handed over.
    if viewers.isEmpty || !visibility.crosses(field.id, item.ref.ledger, item.counties) {
      accountAnywhere(item, field, history, wanted, deleted)
      return
    }
    for node in viewers {
      let held = evidence[node]?.values(item.ref, field.id) ?? []
      let past = history.past(of: held).union(deleted)
      for index in wanted {
        countAccounted()
        if past.contains(index) { continue }
        if isKept(item, field, history, index, archives: false) {
          countKept()
          continue
        }
        lost(item, field, index, at: node)
      }
    }
  }

  /// Where a field cannot follow its record: each write is somewhere.
  private mutating func accountAnywhere(
    _ item: Case, _ field: LedgerField, _ history: TortureHistory, _ wanted: [Int],
    _ deleted: Set<Int>
  ) {
    // A closed list's codes cannot be told from one another in an archive's bytes.
    guard TortureValues.isUnique(field.type) else { return }
    var held: Set<String> = []
    for found in evidence.values { held.formUnion(found.values(item.ref, field.id)) }
    let past = history.past(of: held).union(deleted)
    for index in wanted {
      countAccounted()
      if past.contains(index) { continue }
      if isKept(item, field, history, index, archives: true) {
        countKept()
      } else {
        lost(item, field, index, at: item.writes[index].node)
      }
    }
  }

  private mutating func lost(_ item: Case, _ field: LedgerField, _ index: Int, at node: NodeID) {
    let write = item.writes[index]
    let mark = write.value(of: field.id) ?? ""
    add(
      .lost, at: node, item, "\(mark) by \(write.node) (#\(write.number)) is nowhere accounted for",
      in: field, mark: mark)
  }

  /// Whether a write, or one that saw it, is kept for the operator.
  private func isKept(
    _ item: Case, _ field: LedgerField, _ history: TortureHistory, _ index: Int, archives: Bool
  ) -> Bool {
    guard TortureValues.isUnique(field.type) else { return false }
    for later in item.writes.indices where history.past(ofWrite: later).contains(index) {
      guard let mark = item.writes[later].value(of: field.id), !mark.isEmpty else { continue }
      for found in evidence.values {
        if TortureEvidence.contains(mark, in: found.refused[item.ref]) { return true }
        let dots = found.archived[item.ref]?[field.id] ?? []
        if archives, isAmong(dots, mark, by: item.writes[later].node, item, field) { return true }
      }
    }
    return false
  }

  /// Whether a write is one of some dots. Of a write that was never seen sealed only the author is known.
  private func isAmong(
    _ dots: Set<Dot>, _ mark: String, by node: NodeID, _ item: Case, _ field: LedgerField
  ) -> Bool {
    if let known = state.dots[item.ref]?[field.id]?[mark] {
      return dots.contains { "\($0)" == known }
    }
    return dots.contains { $0.replica.node == node }
  }

  /// What the deletions of a record had seen of a field.
  ///
  /// Of a record that stands again only what was written and deleted at one node counts: it may never have been sealed.
  private func deletedPast(_ item: Case, _ history: TortureHistory) -> Set<Int> {
    var past: Set<Int> = []
    for index in item.writes.indices where item.writes[index].kind == .delete {
      let seen = history.past(ofWrite: index)
      let node = item.writes[index].node
      past.formUnion(item.isAlive ? seen.filter { item.writes[$0].node == node } : seen)
    }
    return past
  }

  /// The record stands at all nodes that may see it, or at none; nowhere else; and a deletion holds unless something was written that it had not seen.
  mutating func checkPresence(_ item: Case) {
    for node in world.nodes.map(\.node) {
      let row = evidence[node]?.rows[item.ref]
      guard let view = item.views[node] else {
        if row != nil { add(.leak, at: node, item, "the node has no view of this record") }
        continue
      }
      if (row != nil) != item.isAlive {
        add(.presence, at: node, item, row == nil ? "the row is missing" : "only here is a row")
      }
      for field in item.ledger.fields where !view.contains(field.id) {
        if let value = row?[field.id], !value.isEmpty {
          add(.leak, at: node, item, "the field is outside the node's view", in: field)
        }
      }
    }
    guard item.isAlive, !item.isRefused else { return }
    for index in item.writes.indices
    where item.writes[index].kind == .delete && item.writes[index].isAcknowledged {
      if !isContested(item, index) {
        add(
          .presence, at: item.writes[index].node, item,
          "deleted by #\(item.writes[index].number), which had seen every write, and stands")
      }
    }
  }

  /// Whether something was written to the record that a deletion had not seen. A move alone does not count.
  ///
  /// What was begun later it cannot have seen, though a code of a closed list may have stood there before.
  private func isContested(_ item: Case, _ deletion: Int) -> Bool {
    let number = item.writes[deletion].number
    for field in item.ledger.fields {
      let past = TortureHistory(field.id, item.writes).past(ofWrite: deletion)
      for index in item.writes.indices
      where !past.contains(index) || item.writes[index].number > number {
        let write = item.writes[index]
        if write.kind == .insert { return true }
        let isHome = item.ledger.homeSet.contains(field.id)
        if !isHome, let value = write.value(of: field.id), !value.isEmpty { return true }
      }
    }
    return false
  }
}
