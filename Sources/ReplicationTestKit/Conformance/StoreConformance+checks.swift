import ReplicationCore
import ReplicationEngine
import SignedFeed
import SeededRandom

extension StoreConformance {
  static let ledger = LedgerID(1)
  static let ref = RecordRef(ledger, "k1")
  static let text = FieldID(3)

  static func complain(_ isRight: Bool, _ what: String) -> [String] { isRight ? [] : [what] }

  static func replica(_ code: String) -> Replica {
    guard let node = NodeID(code) else { preconditionFailure("\(code) is no node") }
    return Replica(node: node, incarnation: 1, lane: .bulk)
  }

  static func sibling(_ replica: Replica, _ index: UInt64, _ value: Value) -> Sibling {
    Sibling(
      dot: Dot(replica, index), value: value, rank: 1, time: 1_700_000_000_000_000 + Int64(index),
      base: index > 1 ? VersionVector(Dot(replica, index - 1)) : VersionVector(),
      side: .link(replica.node))
  }

  /// A record with everything that one can have: several siblings, released registers, own writes.
  static func fullRecord() -> Record {
    let a = replica("450103001001")
    let b = replica("450103001002")
    var record = Record()
    record[.alive] = Register([sibling(a, 1, .bool(true))])
    record[FieldID(2)] = Register([sibling(a, 1, .text("450103001001"))])
    record[text] = Register([
      sibling(a, 2, .text("\u{20BB7}\u{E000}e\u{301}")), sibling(b, 1, .null),
    ])
    record.moved = 7
    record.released = [FieldRegister(text, Register([sibling(a, 1, .text("old"))]))]
    record.ownWrites = [
      OwnWrite(field: text, dot: Dot(b, 9), base: VersionVector(Dot(a, 1)))
    ]
    return record
  }

  static func records(_ store: any ChangeStore) async throws -> [String] {
    let full = fullRecord()
    let other = RecordRef(ledger, "k2")
    try await store.write { tx in
      _ = try tx.load([ref, other], lock: true)
      var departed = Record()
      departed.departed = NodeID("450103001000")
      departed.moved = 3
      _ = try tx.save([ref: full, other: departed])
    }
    return try await store.read { tx in
      let loaded = try tx.load([ref, other, RecordRef(ledger, "k3")], lock: false)
      var complaints = complain(loaded.records[ref] == full, "a record does not come back whole")
      let departed = loaded.records[other]
      complaints += complain(
        departed?.departed == NodeID("450103001000") && departed?.moved == 3
          && departed?.isHeld == false, "a departed record does not come back")
      complaints += complain(loaded.records.count == 2, "a record never heard of is loaded")
      let first = try tx.scan(ledger, after: nil, limit: 1).map(\.0)
      let rest = try tx.scan(ledger, after: "k1", limit: 10).map(\.0)
      complaints += complain(first == [ref] && rest == [other], "scan is not ascending by key")
      return complaints
    }
  }

  static func feed(_ store: any ChangeStore) async throws -> [String] {
    let dot = Dot(replica("450103001001"), 1)
    let homes = Routing.homes([Home(replica("450103001001").node.code)])
    let entries: [Entry] = [
      .change(ref, dot: dot, took: [text], before: .neverKnown, after: homes, from: .own),
      .state(
        ref, payload: [FieldDots(text, [dot])], before: homes, after: .notHeld,
        from: dot.replica.node),
      .withdrawTo(ref, child: dot.replica.node), .answer(ref, to: dot.replica.node),
      .relay(ref, dot: dot, fields: [text], to: dot.replica.node, from: dot.replica.node),
      .relayState(
        ref, payload: [FieldDots(text, [dot])], to: dot.replica.node, from: dot.replica.node),
      .withdrawn(
        ref, fields: nil, gone: [FieldDots(text, [dot])], before: homes, after: .notHeld,
        from: dot.replica.node),
      .policy(old: 1, new: 2, from: .link(dot.replica.node)),
      .change(ref, dot: dot, took: [text], before: homes, after: homes, from: .payload(4)),
    ]
    let first = try await store.write { tx in try tx.append(entries, to: .bulk) }
    var complaints = complain(first == 1, "positions begin at 1, not \(first)")
    complaints += try await store.read { tx in
      let all = try tx.entries(.bulk, from: 1, limit: 100)
      var found = complain(
        all.map(\.1) == entries && all.map(\.0) == Array(1...9), "entries do not come back")
      found += complain(try tx.feedBounds(.bulk) == 1..<10, "wrong bounds of the feed")
      found += complain(try tx.feedBounds(.urgent) == 1..<1, "the lanes share a feed")
      found += complain(
        try tx.policyEntries(.bulk, from: 1).map(\.0) == [8], "policy entries are not found")
      found += complain(
        try tx.entries(of: [ref], in: .bulk, from: 6).map(\.0) == [6, 7, 9],
        "entries of a record are not found")
      return found
    }
    try await store.write { tx in try tx.trim(.bulk, below: 4) }
    complaints += try await store.read { tx in
      complain(
        try tx.feedBounds(.bulk) == 4..<10
          && (try tx.entries(.bulk, from: 1, limit: 2).map(\.0)) == [4, 5],
        "a trimmed feed does not begin where it should")
    }
    return complaints
  }

  static func proofs(_ store: any ChangeStore) async throws -> [String] {
    let author = replica("450103001001")
    let signer = Ed25519Signer()
    var rng = SplitMix64(seed: 1)
    let other = FieldID(4)
    let changes = (1...3).map { index in
      Change(
        dot: Dot(author, index), ref: ref,
        writes: [text, other].map {
          FieldWrite(field: $0, value: .text("v\(index)"), rank: 0, base: VersionVector())
        }, time: 1, actor: "a", cause: .write)
    }
    let batch = try SignedBatch.seal(
      changes, order: ["", "", ""], previous: .zero, policyEpoch: 1, catalogEpoch: 1, time: 1,
      isAdjusted: false, signer: signer, using: &rng)
    try await store.write { tx in
      try tx.keep([batch.pruned(to: [1: [text]])])
      try tx.keep([batch.pruned(to: [1: [other], 3: [text, other]])])
    }
    var complaints = try await store.read { tx in
      let kept = try tx.batches(containing: [Dot(author, 1), Dot(author, 3)])
      var found = complain(kept.count == 1, "two copies of a batch are not one")
      found += complain(
        kept.first?.changes
          == batch.pruned(to: [1: [text, other], 3: [text, other]]).changes,
        "keeping is not the union of what the copies show")
      found += complain(try tx.headerEvidence(author) == 3, "a header is no evidence")
      return found
    }
    try await store.write { tx in
      try tx.redact([Dot(author, 1): [text], Dot(author, 3): [text, other]])
    }
    complaints += try await store.read { tx in
      let kept = try tx.batches(containing: [Dot(author, 2)])
      return complain(
        kept.first?.changes == batch.pruned(to: [1: [other]]).changes,
        "a redacted value is still there")
    }
    return complaints
  }

  static func links(_ store: any ChangeStore) async throws -> [String] {
    let peer = replica("450103001000").node
    var state = LinkState()
    state.peerIncarnation = 2
    state.urgent.received = 5
    state.bulk.acknowledged = 6
    state.bulk.peerChainIndex = 7
    state.bulk.catchUpPosition = 0
    state.bulk.catchUpLast = ref
    let kept = state
    let head = ChainHead(incarnation: 3, nextIndex: 9, previous: .zero)
    try await store.write { tx in
      try tx.setLink(kept, peer)
      _ = try tx.chain(.urgent)
      try tx.setChain(head, .urgent)
    }
    return try await store.read { tx in
      var complaints = complain(try tx.link(peer) == kept, "a link's state does not come back")
      complaints += complain(try tx.peers() == [peer], "a peer is not listed")
      complaints += complain(
        try tx.link(replica("450103002000").node) == LinkState(), "a fresh link has a state")
      return complaints + complain(try tx.chain(.urgent) == head, "a chain does not come back")
    }
  }

  static func parking(_ store: any ChangeStore) async throws -> [String] {
    let peer = replica("450103001000").node
    let items: [Item] = [
      .change(ref, dot: Dot(replica("450103001001"), 1), fields: [text], payload: true),
      .state(
        ref, siblings: [FieldDots(text, [Dot(replica("450103001001"), 1)])], view: [text],
        payload: false),
      .withdrawal(ref, fields: [text]), .withdrawal(RecordRef(ledger, "k2"), fields: nil),
    ]
    try await store.write { tx in
      for item in items { try tx.park(ParkedItem(peer: peer, item: item, acknowledged: 4)) }
    }
    let parked = try await store.read { tx in try tx.parked(of: nil, limit: 10) }
    var complaints = complain(
      parked.map(\.item) == items && parked.allSatisfy { $0.acknowledged == 4 },
      "parked items do not come back in order")
    complaints += complain(
      zip(parked, parked.dropFirst()).allSatisfy { $0.id < $1.id }, "ids do not ascend")
    let first = parked.first.map(\.id)
    let left = try await store.write { tx in
      try tx.unpark(first.map { [$0] } ?? [])
      return try tx.parked(of: [ref], limit: 10).map(\.item)
    }
    return complaints + complain(left == Array(items[1...2]), "unparking takes the wrong ones")
  }

  static func atomicity(_ store: any ChangeStore) async throws -> [String] {
    struct Misfortune: Error {}
    let full = fullRecord()
    do {
      try await store.write { tx in
        _ = try tx.load([ref], lock: true)
        _ = try tx.save([ref: full])
        _ = try tx.append([.withdrawTo(ref, child: replica("450103001001").node)], to: .bulk)
        throw Misfortune()
      }
      return ["a transaction that threw returned"]
    } catch is Misfortune {}
    return try await store.read { tx in
      complain(
        try tx.load([ref], lock: false).records.isEmpty && tx.feedBounds(.bulk) == 1..<1,
        "a transaction that threw left something behind")
    }
  }
}
