import ReplicationCore
import ReplicationEngine
import SignedFeed

extension StoreConformance {
  /// The archive: rows come back as they were, in the queries that they belong to; receipts keep everything but the values.
  static func handover(_ store: any ChangeStore) async throws -> [String] {
    let open = try await store.write { tx in
      try tx.archive([item(askable: true), item(askable: false), plainItem])
      return try tx.archived(.open(after: 0, limit: 10))
    }
    var complaints = complain(
      open.map(\.anonymous) == [item(askable: true), item(askable: false), plainItem],
      "archived rows come back changed")
    let ids = open.map(\.id)
    complaints += complain(ids == ids.sorted() && Set(ids).count == 3, "ids of rows do not rise")
    let found = try await store.read { tx in
      [
        try tx.archived(.plain(limit: 9)), try tx.archived(.due(at: 1, limit: 9)),
        try tx.archived(.ids([ids[1]])), try tx.archived(.records([ref])),
        try tx.archived(.records([RecordRef(ledger, "k9")])),
        try tx.archived(.open(after: ids[0], limit: 1)),
      ].map { $0.map(\.id) }
    }
    complaints += complain(
      found == [[ids[2]], [ids[0]], [ids[1]], [ids[0], ids[1]], [ids[2]], [ids[1]]],
      "queries of the archive find \(found) of \(ids)")
    let late = try await store.write { tx in
      try tx.noteAsked([ids[0]], again: 50)
      try tx.noteExported([ids[1]])
      try tx.settleArchived([ids[1]])
      try tx.forgetArchived([ids[2]])
      return (
        try tx.archived(.due(at: 49, limit: 9)), try tx.archived(.due(at: 50, limit: 9)),
        try tx.archived(.records([ref])), try tx.handoverFigures()
      )
    }
    complaints += complain(late.0.isEmpty && late.1.first?.asked == 1, "rows are due too early")
    let receipt = late.2.last
    complaints += complain(
      receipt?.content == .settled && receipt?.contexts == item(askable: false).contexts
        && receipt?.isExported == true, "a receipt does not say what it stands for")
    let distant: Int64 = 4_102_444_800_000_000
    let kept = try await store.write { tx in
      try tx.trimReceipts(before: 0)
      let all = try tx.archived(.records([ref])).map(\.id)
      try tx.trimReceipts(before: distant)
      return (all, try tx.archived(.records([ref])).map(\.id))
    }
    complaints += complain(
      kept.0 == [ids[0], ids[1]] && kept.1 == [ids[0]],
      "of \(ids) trimming receipts leaves \(kept): only what is settled and old may go")
    complaints += complain(late.3 == HandoverFigures(open: 1, forOperator: 0), "figures: \(late.3)")
    return complaints + (try await handoverKeys(store))
  }

  private static func handoverKeys(_ store: any ChangeStore) async throws -> [String] {
    let node = replica("450103001001").node
    func key(_ byte: UInt8) -> HandoverKey? {
      SealingKey(raw: Array(repeating: byte, count: 32)).map {
        HandoverKey(
          node: node, key: $0, signer: Digest(hashing: [byte]), signature: [byte],
          chain: [[1], [2]])
      }
    }
    guard let old = key(1), let new = key(2) else { return ["a key has 32 bytes"] }
    let kept = try await store.write { tx in
      try tx.keepHandoverKey(old)
      try tx.keepHandoverKey(new)
      return (try tx.handoverKey(of: node), try tx.handoverKey(of: replica("450103001002").node))
    }
    return complain(kept.0 == new && kept.1 == nil, "a newer hand-over key does not take the place")
  }

  private static func item(askable: Bool) -> HandoverItem {
    let dot = Dot(replica("450103001001"), 3)
    let box = SealedBox(
      recipient: Digest(hashing: [1]), encapsulated: Array(repeating: 7, count: 32),
      ciphertext: [1, 2, 3])
    return HandoverItem(
      ref: ref, payload: [FieldDots(text, [dot])],
      contexts: [FieldContext(text, VersionVector(dot))],
      proofs: [Digest(hashing: [9])], isAskable: askable,
      movedTo: replica("450102001001").node.code,
      content: .sealed(replica("450103001000").node, box))
  }

  private static var plainItem: HandoverItem {
    HandoverItem(
      ref: RecordRef(ledger, "k9"), payload: [], contexts: [], proofs: [], isAskable: false,
      movedTo: nil, content: .plain([]))
  }
}

extension HandoverItem {
  /// The row as it was before the store gave it an id and a time.
  fileprivate var anonymous: HandoverItem {
    var item = self
    item.id = 0
    item.since = 0
    return item
  }
}
