package import ReplicationCore
package import ReplicationEngine

extension MemoryTransaction {
  package func noteArrivals(_ arrivals: [Arrival]) throws {
    try mutate { $0.arrivals += arrivals }
  }

  package func forget(_ fields: [RecordRef: FieldSet]) throws {
    try mutate { state in
      state.arrivals = state.arrivals.compactMap { arrival in
        guard let gone = fields[arrival.ref] else { return arrival }
        return arrival.keeping(arrival.fields.subtracting(gone))
      }
      state.quarantine = state.quarantine.map { item in
        guard let ref = item.ref, fields[ref] != nil else { return item }
        return QuarantinedItem(
          peer: item.peer, ref: ref, dot: item.dot, code: item.code, detail: item.detail,
          proof: nil)
      }
    }
  }

  package func trimArrivals(keeping rows: Int, since time: Int64) throws {
    try mutate { state in
      state.arrivals.removeAll { $0.at < time }
      state.arrivals = Array(state.arrivals.suffix(rows))
    }
  }
}

extension Arrival {
  /// The same with other fields; nil when there are none.
  fileprivate func keeping(_ fields: FieldSet) -> Arrival? {
    if fields.isEmpty { return nil }
    return Arrival(
      ref: ref, fields: fields, kind: kind, dot: dot, time: time, actor: actor, peer: peer, at: at)
  }
}
