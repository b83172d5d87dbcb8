package import ReplicationEngine

extension MemoryTransaction {
  package func documents() throws -> [SignedDocument] {
    try call()
    return SignedDocument.Kind.allCases.compactMap { kind in
      state.documents.filter { $0.kind == kind }.max { $0.epoch < $1.epoch }
    }
  }

  package func documents(_ kind: SignedDocument.Kind) throws -> [SignedDocument] {
    try call()
    return state.documents.filter { $0.kind == kind }.sorted { $0.epoch < $1.epoch }
  }

  package func keepDocument(_ document: SignedDocument) throws {
    try mutate { state in
      let isKnown = state.documents.contains {
        $0.kind == document.kind && $0.epoch == document.epoch
      }
      if !isKnown { state.documents.append(document) }
    }
  }

  package func adoptedPolicy() throws -> UInt64 {
    try call()
    return state.adoptedPolicy
  }

  package func setAdoptedPolicy(_ epoch: UInt64) throws {
    try mutate { $0.adoptedPolicy = epoch }
  }

  package func raise(_ alarm: Alarm) throws {
    try mutate { state in
      state.alarms.removeAll {
        $0.code == alarm.code && $0.peer == alarm.peer && $0.detail == alarm.detail
      }
      state.alarms.insert(alarm, at: 0)
      state.alarms.removeLast(max(0, state.alarms.count - AlarmLimits.count))
    }
  }

  package func alarms() throws -> [Alarm] {
    try call()
    return state.alarms
  }

  package func trimAlarms(before time: Int64) throws {
    try mutate { $0.alarms.removeAll { $0.at < time } }
  }
}
