import Governance
import PostgresStore
import ReplicationCore
import ReplicationEngine

/// What came of a plan, as members of a document.
struct PlanDocument {
  private let board: PlanBoard
  private let catalog: Catalog
  private let tree: AdministrativeTree
  private let flows: [PlanFlow: PlanTally]

  /// One direction of one link; `own`: what a node gives up that it wrote itself.
  private struct Way: Hashable {
    let sender: NodeID
    let receiver: NodeID
  }

  init(board: PlanBoard, former: CompiledPolicy, candidate: CompiledPolicy) {
    self.board = board
    catalog = former.catalog
    let tree = AdministrativeTree(tiers: candidate.document.tiers)
    self.tree = tree
    var parents: [NodeID: NodeID] = [:]
    let ends = board.flows.keys.flatMap { [$0.sender, $0.receiver] }
    for node in Set(board.nodes.keys).union(ends) {
      if let parent = tree.parent(of: node) { parents[node] = parent }
    }
    flows = PlanCascade(under: WithheldMasks(candidate), parents: parents).completed(board.flows)
  }

  var members: [JSON.Member] {
    let missing = board.nodes.filter { $0.value != .answered }.sorted { $0.key < $1.key }
    var ways: [Way: [LedgerID: PlanTally]] = [:]
    for (flow, tally) in flows {
      ways[Way(sender: flow.sender, receiver: flow.receiver), default: [:]][
        flow.ledger, default: PlanTally()
      ].add(tally)
    }
    return [
      .init("complete", .bool(missing.isEmpty)),
      .init("answered", .integer(board.answered)),
      .init("known", .integer(board.nodes.count)),
      .init("looked", .integer(board.looked)),
      .init("not_answered", .array(missing.map(silent))),
      .init("totals", totals(ways)),
      .init(
        "links",
        .array(
          ways.sorted { ($0.key.receiver, $0.key.sender) < ($1.key.receiver, $1.key.sender) }.map {
            way($0.key, $0.value)
          })),
    ]
  }

  private func silent(_ node: NodeID, _ standing: PlanBoard.Standing) -> JSON {
    let (reason, heardAt): (String, UInt64) =
      switch standing {
      case .asked, .answered: ("no_answer", 0)
      case .unreachable(let heardAt): ("unreachable", heardAt)
      case .tooOld: ("too_old", 0)
      case .failed(let reason): (reason, 0)
      }
    return [
      "node": .string("\(node)"), "reason": .string(reason),
      "since": heardAt == 0
        ? .null : .string(Timestamp(Int64(clamping: heardAt)).description),
    ]
  }

  private func totals(_ ways: [Way: [LedgerID: PlanTally]]) -> JSON {
    var sum = PlanTally()
    for tally in ways.values.lazy.flatMap(\.values) { sum.add(tally) }
    func values(_ count: KeyPath<PlanTally.Counts, UInt64>) -> JSON {
      .integer(sum.fields.values.reduce(0) { $0 + $1[keyPath: count] })
    }
    return [
      "nodes": .integer(Set(ways.keys.map(\.receiver)).count), "links": .integer(ways.count),
      "records_gained": .integer(sum.gained), "records_lost": .integer(sum.lost),
      "values_gained": values(\.gained), "values_lost": values(\.lost),
      "values_remasked": values(\.remasked), "bytes": .integer(sum.bytes),
    ]
  }

  private func way(_ way: Way, _ ledgers: [LedgerID: PlanTally]) -> JSON {
    let direction =
      way.sender == way.receiver
      ? "own" : way.receiver.mayBeParent(of: way.sender) ? "up" : "down"
    let (child, parent) =
      direction == "up" ? (way.sender, way.receiver) : (way.receiver, way.sender)
    var sum = PlanTally()
    for tally in ledgers.values { sum.add(tally) }
    return [
      "parent": direction == "own" ? .null : .string("\(parent)"), "child": .string("\(child)"),
      "direction": .string(direction), "receiver": .string("\(way.receiver)"),
      "records_gained": .integer(sum.gained), "records_lost": .integer(sum.lost),
      "bytes": .integer(sum.bytes),
      "ledgers": .array(ledgers.sorted { $0.key < $1.key }.map(ledger)),
    ]
  }

  private func ledger(_ id: LedgerID, _ tally: PlanTally) -> JSON {
    let declared = catalog[id]
    return [
      "ledger": .string(declared?.name ?? "\(id)"), "records_gained": .integer(tally.gained),
      "records_lost": .integer(tally.lost), "bytes": .integer(tally.bytes),
      "fields": .array(
        tally.fields.sorted { $0.key < $1.key }.map { field, counts in
          [
            "field": .string(declared?.name(of: field) ?? "\(field)"),
            "gained": .integer(counts.gained), "lost": .integer(counts.lost),
            "remasked": .integer(counts.remasked),
          ]
        }),
    ]
  }
}
