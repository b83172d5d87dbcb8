/// What goes on from node to node under a policy that is planned: who gains what it did not hold hands it on.
///
/// Each node counts what it holds now for its own links. What it will gain itself it cannot count; whoever knows all counts can.
package struct PlanCascade: Sendable {
  private let new: any ViewPolicy
  private let parents: [NodeID: NodeID]
  private let neighbours: [NodeID: [NodeID]]

  /// `parents`: of each node that is known the one above it.
  package init(under new: any ViewPolicy, parents: [NodeID: NodeID]) {
    self.new = new
    self.parents = parents
    var neighbours: [NodeID: [NodeID]] = [:]
    for (child, parent) in parents {
      neighbours[child, default: []].append(parent)
      neighbours[parent, default: []].append(child)
    }
    self.neighbours = neighbours
  }

  /// The counts with what follows from them.
  package func completed(_ flows: [PlanFlow: PlanTally]) -> [PlanFlow: PlanTally] {
    var result = flows
    var open = flows.filter { $0.key.sender != $0.key.receiver }.map { ($0.key, $0.value) }
    while let (flow, tally) = open.popLast() {
      for peer in neighbours[flow.receiver] ?? [] where peer != flow.sender {
        guard let more = passed(tally, flow, to: peer) else { continue }
        let next = PlanFlow(
          sender: flow.receiver, receiver: peer, ledger: flow.ledger, homes: flow.homes)
        result[next, default: PlanTally()].add(more)
        open.append((next, more))
      }
    }
    return result
  }

  /// What of a gain passes on to another neighbour; nil when nothing does.
  private func passed(_ tally: PlanTally, _ flow: PlanFlow, to peer: NodeID) -> PlanTally? {
    let (relay, ledger) = (flow.receiver, flow.ledger)
    let isUp = parents[relay] == peer
    if flow.homes.isEmpty { return nil }
    let view =
      isUp
      ? new.fields(of: peer, in: ledger) : new.fields(of: peer, in: ledger, homes: flow.homes)
    // Whatever the peer might have held before: the only way to it leads through the relay, which had none of this.
    let isGated = isUp && new.isGated(from: relay, to: peer, in: ledger)
    let ungated = FieldSet(new.routingFields(of: ledger))
    var more = PlanTally()
    if !view.isEmpty { more.gained = tally.gained }
    for (field, counts) in tally.fields where view.contains(field) && counts.gained > 0 {
      var passed = PlanTally.Counts()
      passed.gained = isGated && !ungated.contains(field) ? counts.verified : counts.gained
      passed.verified = counts.verified
      passed.bytes = counts.bytes / counts.gained * passed.gained
      if passed.gained == 0 { continue }
      more.fields[field] = passed
      more.bytes += passed.bytes
    }
    more.bytes += more.gained * PlanTally.stateBytes
    return more.isEmpty ? nil : more
  }
}
