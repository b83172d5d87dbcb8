import ReplicationCore
import SignedFeed

extension Replicator {
  /// Puts values that leave this node into the archive, sealed to the parent's key; at the root of the tree to its own.
  ///
  /// Fields that the parent may hold and fields that it may not become rows of their own: the parent is asked about the first only.
  /// Without a known key the values stay in plain until it is heard (`sealArchive`).
  func archive(_ items: [ArchivedItem], _ tx: any StoreTransaction) throws {
    if items.isEmpty { return }
    let recipient = try tx.handoverKey(of: parent ?? node)
    let sealer = try recipient.map { try Sealer(to: $0.key) }
    var rows: [HandoverItem] = []
    for item in items {
      let visible =
        parent.map {
          policy.fields(of: $0, in: item.ref.ledger)
            .subtracting(policy.masks(of: $0, in: item.ref.ledger).fields)
        } ?? FieldSet()
      for isAskable in [true, false] {
        let payload = item.payload.filter { visible.contains($0.field) == isAskable }
        if payload.isEmpty { continue }
        var row = item.row(payload, isAskable: isAskable && parent != nil)
        if let recipient, let sealer { try row.seal(to: recipient.node, sealer) }
        rows.append(row)
      }
    }
    try tx.archive(rows)
  }

  /// Seals rows that were archived before the parent's key was heard, at most `limit`; returns how many.
  package func sealArchive(limit: Int, _ tx: any StoreTransaction) throws -> Int {
    let rows = try tx.archived(.plain(limit: limit))
    guard !rows.isEmpty, try tx.handoverKey(of: parent ?? node) != nil else { return 0 }
    let items = rows.compactMap { row -> ArchivedItem? in
      guard case .plain(let evidence) = row.content else { return nil }
      return ArchivedItem(
        ref: row.ref, payload: row.payload, evidence: evidence, movedTo: row.movedTo)
    }
    try tx.forgetArchived(rows.map(\.id))
    try archive(items, tx)
    return rows.count
  }
}

extension ArchivedItem {
  /// The archive's row of some of the item's fields, not sealed yet.
  fileprivate func row(_ payload: [FieldDots], isAskable: Bool) -> HandoverItem {
    var demand = EvidenceDemand()
    demand.add(payload)
    let evidence = demand.prune(evidence)
    let pool = EvidencePool(evidence)
    var contexts: [FieldContext] = []
    var proofs: [Digest] = []
    for entry in payload {
      var context = VersionVector()
      for dot in entry.dots {
        let write = pool[dot]?.change.writes.first { $0.field == entry.field }
        context = context.joined(write?.base ?? VersionVector()).joined(dot)
        proofs.append(evidence.possession(dot, entry.field) ?? .zero)
      }
      contexts.append(FieldContext(entry.field, context))
    }
    return HandoverItem(
      ref: ref, payload: payload, contexts: contexts, proofs: proofs, isAskable: isAskable,
      movedTo: movedTo, content: .plain(evidence))
  }
}

extension HandoverItem {
  /// Seals the values to a node's key.
  fileprivate mutating func seal(to node: NodeID, _ sealer: Sealer) throws {
    guard case .plain(let evidence) = content else { return }
    content = .sealed(node, try sealer.seal(evidence.sealedForm, context: boxContext))
  }
}

extension [SignedBatch] {
  /// The proof that somebody was shown a value; nil when no batch shows it.
  func possession(_ dot: Dot, _ field: FieldID) -> Digest? {
    for batch in self
    where batch.header.replica == dot.replica && batch.header.indexes.contains(dot.index) {
      if let proof = batch.possession(of: dot.index, field) { return proof }
    }
    return nil
  }

  /// The content of a box.
  package var sealedForm: [UInt8] {
    var writer = ByteWriter()
    writer.varint(UInt64(count))
    for batch in self { writer.raw(batch.encoded()) }
    return writer.bytes
  }
}
