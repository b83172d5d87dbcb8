package import ReplicationCore
package import ReplicationEngine
package import SignedFeed

/// All that a memory store holds; a value, so that a transaction is a copy.
package struct MemoryState: Sendable {
  package var records: [RecordRef: Record] = [:]
  /// Unsealed local writes, oldest first.
  package var captured: [CapturedWrite] = []
  package var feeds: [Lane: MemoryFeed] = [.bulk: MemoryFeed(), .urgent: MemoryFeed()]
  /// Per replica, ascending by first index.
  package var batches: [Replica: [SignedBatch]] = [:]
  package var evidence: [Replica: UInt64] = [:]
  package var chains: [Lane: ChainHead] = [:]
  package var links: [NodeID: LinkState] = [:]
  package var parked: [ParkedItem] = []
  package var nextParked: UInt64 = 1
  package var archive: [HandoverItem] = []
  package var nextArchived: UInt64 = 1
  /// When the parent is to be asked again, by row.
  package var askAfter: [UInt64: Int64] = [:]
  package var handoverKeys: [NodeID: HandoverKey] = [:]
  package var quarantine: [QuarantinedItem] = []
  package var arrivals: [Arrival] = []
  package var documents: [SignedDocument] = []
  package var adoptedPolicy: UInt64 = 0
  package var alarms: [Alarm] = []
  package var signers: [SignerRecord] = []
  /// Records that some other transaction is said to hold.
  package var busy: Set<RecordRef> = []

  package init(incarnation: UInt32 = 1) {
    for lane in Lane.allCases {
      chains[lane] = ChainHead(incarnation: incarnation, nextIndex: 1, previous: .zero)
    }
  }

  /// A local write of an application, folded with what is unsealed of the same record.
  package mutating func capture(_ write: CapturedWrite) {
    guard let at = captured.firstIndex(where: { $0.ref == write.ref }) else {
      captured.append(write)
      return
    }
    let old = captured.remove(at: at)
    var values = write.isDeletion ? [:] : old.values
    for entry in write.values.entries { values[entry.field] = entry.value }
    // What was vouched for and is written again now was another value.
    let written = write.values.fields
    let waiting = old.values.fields
    let verified =
      old.verified.filter { !written.contains($0.field) }
      + write.verified.map { waiting.contains($0.field) ? .init($0.field, nil) : $0 }
    captured.append(
      CapturedWrite(
        ref: write.ref, values: values, isDeletion: write.isDeletion,
        isCreation: !write.isDeletion && (write.isCreation || old.isCreation || old.isDeletion),
        time: write.time, actor: write.actor, seen: old.seen,
        verified: write.isDeletion ? [] : verified))
  }
}

/// One lane's feed.
package struct MemoryFeed: Sendable {
  package var first: UInt64 = 1
  package var entries: [Entry] = []
  package var next: UInt64 { first + UInt64(entries.count) }
}
