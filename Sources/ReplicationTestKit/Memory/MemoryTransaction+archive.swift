package import ReplicationCore
package import ReplicationEngine

extension MemoryTransaction {
  package func archive(_ items: [HandoverItem]) throws {
    try call()
    for item in items {
      var item = item
      item.id = state.nextArchived
      state.nextArchived += 1
      state.archive.append(item)
    }
  }

  package func archived(_ query: HandoverQuery) throws -> [HandoverItem] {
    try call()
    let open = state.archive.filter { $0.content != .settled }
    switch query {
    case .open(let after, let limit):
      return Array(open.filter { $0.id > after }.prefix(limit))
    case .due(let now, let limit):
      let due = open.filter { $0.isAskable && state.askAfter[$0.id, default: 0] <= now }
      return Array(due.prefix(limit))
    case .plain(let limit):
      return Array(
        open.filter { if case .plain = $0.content { true } else { false } }.prefix(limit))
    case .ids(let ids): return state.archive.filter { ids.contains($0.id) }
    case .records(let refs): return state.archive.filter { refs.contains($0.ref) }
    }
  }

  package func noteAsked(_ ids: [UInt64], again: Int64) throws {
    try change(ids) { item, state in
      item.asked += 1
      state.askAfter[item.id] = again
    }
  }

  package func noteExported(_ ids: [UInt64]) throws {
    try change(ids) { item, _ in item.isExported = true }
  }

  package func settleArchived(_ ids: [UInt64]) throws {
    try change(ids) { item, _ in item.content = .settled }
  }

  package func trimReceipts(before time: Int64) throws {
    try call()
    state.archive.removeAll { $0.content == .settled && $0.since < time }
  }

  package func forgetArchived(_ ids: [UInt64]) throws {
    try call()
    state.archive.removeAll { ids.contains($0.id) }
  }

  package func handoverFigures() throws -> HandoverFigures {
    let open = try archived(.open(after: 0, limit: .max))
    return HandoverFigures(
      open: UInt64(open.count), forOperator: UInt64(open.count { !$0.isAskable }))
  }

  package func handoverKey(of node: NodeID) throws -> HandoverKey? {
    try call()
    return state.handoverKeys[node]
  }

  package func keepHandoverKey(_ key: HandoverKey) throws {
    try call()
    state.handoverKeys[key.node] = key
  }

  private func change(
    _ ids: [UInt64], _ body: (inout HandoverItem, inout MemoryState) -> Void
  ) throws {
    try call()
    for index in state.archive.indices where ids.contains(state.archive[index].id) {
      var item = state.archive[index]
      body(&item, &state)
      state.archive[index] = item
    }
  }
}
