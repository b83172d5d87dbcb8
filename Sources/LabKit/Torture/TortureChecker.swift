import Governance
import ReplicationCore
import ReplicationEngine

/// Judges what nodes show and hold by the journal alone. It knows nothing of how values are merged or sent.
struct TortureChecker {
  let world: TortureWorld
  let state: TortureJournal.State
  let evidence: [NodeID: TortureEvidence]
  let visibility: TortureVisibility
  private(set) var findings: [TortureFinding] = []
  /// Writes of a field that were looked for, each at each node that may see it.
  private(set) var accounted = 0
  /// Writes that were found in quarantine or hand-over only.
  private(set) var kept = 0

  init(_ world: TortureWorld, _ evidence: [NodeID: TortureEvidence]) {
    self.world = world
    self.evidence = evidence
    state = world.journal.snapshot
    visibility = TortureVisibility(world: world, evidence: evidence)
  }

  /// One record: who may see it, whether it stands, and the histories of its fields.
  struct Case {
    let ref: RecordRef
    let ledger: Ledger
    let writes: [TortureWrite]
    /// Nil: no node above ever heard of the record.
    let homes: [Home]?
    /// What each node may hold of it; only nodes that may hold anything.
    let views: [NodeID: FieldSet]
    /// Every county that a home of it ever lay in.
    let counties: Set<DivisionCode>
    let isAlive: Bool
    /// Refusals are answered by writes of the system's own, which the journal does not have.
    let isRefused: Bool
  }

  mutating func check() {
    for (ref, writes) in state.writes.sorted(by: { $0.key < $1.key }) {
      guard let ledger = world.catalog[ref.ledger] else { continue }
      let item = makeCase(ref, ledger, writes)
      checkPresence(item)
      for field in ledger.fields {
        let history = TortureHistory(field.id, writes)
        account(item, field, history)
        compare(item, field, history)
      }
    }
  }

  private func makeCase(_ ref: RecordRef, _ ledger: Ledger, _ writes: [TortureWrite]) -> Case {
    let homes = visibility.homes(ref)
    var views: [NodeID: FieldSet] = [:]
    for node in world.nodes {
      let view = homes.map { visibility.view(node.node, ledger, $0) } ?? FieldSet()
      if !view.isEmpty { views[node.node] = view }
    }
    var counties: Set<DivisionCode> = []
    for write in writes {
      for home in ledger.homes {
        if let code = write.values[home].flatMap({ DivisionCode($0) }) {
          counties.insert(code.truncated(to: .county))
        }
      }
    }
    let top = visibility.reference(ref.ledger)
    return Case(
      ref: ref, ledger: ledger, writes: writes, homes: homes, views: views, counties: counties,
      isAlive: top.flatMap { evidence[$0]?.rows[ref] } != nil,
      isRefused: evidence.values.contains { $0.refused[ref] != nil })
  }

  mutating func add(
    _ kind: TortureFinding.Kind, at node: NodeID, _ item: Case, _ detail: String,
    in field: LedgerField? = nil, mark: String? = nil
  ) {
    let dot = field.flatMap { field in mark.flatMap { state.dots[item.ref]?[field.id]?[$0] } }
    findings.append(
      TortureFinding(
        kind: kind, node: node, ledger: item.ledger.name, key: item.ref.key,
        field: field?.name ?? "", dot: dot ?? "", detail: detail,
        excerpt: findings.count { $0.kind == kind } < 3 ? excerpt(item, field) : []))
  }

  /// The findings, one of each kind first.
  var inOrder: [TortureFinding] {
    var seen: Set<TortureFinding.Kind> = []
    let first = findings.filter { seen.insert($0.kind).inserted }
    seen = []
    return first + findings.filter { !seen.insert($0.kind).inserted }
  }

  mutating func countAccounted() { accounted += 1 }
  mutating func countKept() { kept += 1 }

  /// The journal of a field (of the whole record without one), then what each node holds.
  private func excerpt(_ item: Case, _ field: LedgerField?) -> [String] {
    let touching = item.writes.sorted { $0.time < $1.time }.filter { write in
      guard let field else { return true }
      return write.value(of: field.id) != nil || write.kind == .delete
    }
    var lines = touching.suffix(24).map { $0.line(of: field?.id) }
    lines.append("home now: \(item.homes.map { "\($0)" } ?? "unknown")")
    for node in world.nodes {
      guard let found = evidence[node.node] else { continue }
      let row = found.rows[item.ref]
      let record = found.records[item.ref]
      guard row != nil || record != nil || item.views[node.node] != nil else { continue }
      var text = "\(node.node): \(row == nil ? "no row" : "row")"
      if let field {
        let dots = record?[field.id].siblings.map { "\($0.value.mark ?? "?")=\($0.dot)" } ?? []
        let shown = row?[field.id] ?? "-"
        text += " shows \(shown.isEmpty ? "null" : shown); holds \(dots.joined(separator: ", "))"
      }
      if record?.departed != nil { text += "; departed" }
      if item.views[node.node] == nil { text += "; may not see it" }
      lines.append(text)
    }
    return lines
  }
}
