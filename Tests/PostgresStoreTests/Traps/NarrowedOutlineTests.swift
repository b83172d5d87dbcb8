import Governance
import PostgresStore
import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import SeededRandom
import SignedFeed
import Testing

/// A policy that never says where a node's view ends.
private struct Unbounded: SharingPolicy {
  let policy: CompiledPolicy

  var epoch: UInt64 { policy.epoch }
  func routingFields(of ledger: LedgerID) -> [FieldID] { policy.routingFields(of: ledger) }
  func lane(of ledger: LedgerID) -> Lane { policy.lane(of: ledger) }
  func fields(of node: NodeID, in ledger: LedgerID) -> FieldSet {
    policy.fields(of: node, in: ledger)
  }
  func fields(of node: NodeID, in ledger: LedgerID, homes: [Home]) -> FieldSet {
    policy.fields(of: node, in: ledger, homes: homes)
  }
  func isGated(from child: NodeID, to parent: NodeID, in ledger: LedgerID) -> Bool { false }
  func rank(of author: NodeID, field: FieldID, in ledger: LedgerID) -> UInt8 {
    policy.rank(of: author, field: field, in: ledger)
  }
  func violation(
    by author: NodeID, in ledger: LedgerID, act: Act, before: Routing?, after: Routing
  ) -> String? { nil }
}

@Suite("A look at what a child may see")
struct NarrowedOutlineTests {
  private static let codes = [
    "450103001001", "450103001002", "450103001999", "450103001000", "450103002001", "450103000000",
    "450104001001", "450000000000", "450999999999",
  ]
  private static let children = [
    "450103001000", "450103002000", "450103000000/civil-affairs", "450103001001",
  ]

  /// Rules of random reach.
  private func policy(_ rng: inout SplitMix64, epoch: Int = 1) throws -> CompiledPolicy {
    let own = Bool.random(using: &rng) ? "own" : "[\(Self.codes.randomElement(using: &rng) ?? "")]"
    let other = ["own", "all", "[450103001000, 450104000000]"].randomElement(using: &rng) ?? "own"
    let rules = """
      epoch: \(epoch)
      region: 450000000000
      tiers: [region, city, county, town, village]
      groups:
        thing:
          basics: [home, place, name]
          more: [amount]
      rules:
        - rule: all
          who: [region, city, county]
          ledger: thing
          homes: all
          maintain: [basics, more]
          create: true
          delete: true
        - rule: below
          who: [town, village]
          ledger: thing
          homes: \(own)
          read: [basics]
        - rule: office
          who: {department: civil-affairs, of: county}
          ledger: thing
          homes: \(other)
          read: [basics, more]
      """
    let catalog = try Samples.catalog()
    return CompiledPolicy(
      bytes: [], document: try ScopeDocument(Array(rules.utf8), catalog: catalog, file: "test"),
      catalog: catalog)
  }

  /// Records with one home, two, none, several claims of one, and no division's code.
  private func records(_ author: Author, _ rng: inout SplitMix64) -> [RecordRef: Record] {
    var records: [RecordRef: Record] = [:]
    for number in 0..<400 {
      var values: FieldValues = [.name: .text("甲")]
      if Int.random(in: 0..<9, using: &rng) > 0 {
        values[.home] = .text(Self.codes.randomElement(using: &rng) ?? "")
      }
      if Bool.random(using: &rng) {
        values[.place] = .text((Self.codes + ["4501030010", "x"]).randomElement(using: &rng) ?? "")
      }
      var record = author.record(UInt64(number * 3 + 1), values)
      if Int.random(in: 0..<9, using: &rng) == 0 {
        let claim = author.sibling(
          UInt64(number * 3 + 2), .text(Self.codes.randomElement(using: &rng) ?? ""))
        record[.home] = Register(record[.home].siblings + [claim])
      }
      records[Samples.ref("k\(number)")] = record
    }
    return records
  }

  private func shares(
    _ node: Replicator, with peer: NodeID, limit: Int, _ store: PostgresStore
  ) async throws -> (shares: [String: ShareDigest], slices: Int) {
    try await store.read { tx in
      var found: [String: ShareDigest] = [:]
      var after: String?
      var slices = 0
      repeat {
        slices += 1
        let slice = try node.shares(
          with: peer, of: Samples.ledger, after: after, through: nil, limit: limit, tx)
        for record in slice.records {
          #expect(found.updateValue(record.digest, forKey: record.key) == nil)
        }
        after = slice.next
      } while after != nil && slices < 1000
      return (found, slices)
    }
  }

  @Test("finds what a look at all records finds, whatever the rules and homes", arguments: 1...6)
  func equal(seed: UInt64) async throws {
    var rng = SplitMix64(seed: seed)
    let county = try #require(NodeID("450103000000"))
    let policy = try policy(&rng)
    let database = try TestDatabase(policy: policy, node: "450103000000")
    try await Author().receive(records(Author(), &rng), database.store)
    // Homes that are written and not sealed yet change nothing.
    try database.application().execute(
      """
      UPDATE ledger.thing SET home = '450103001001' WHERE thing_id LIKE 'k1%5' AND home IS NOT NULL;
      UPDATE ledger.thing SET home = '450103002001', place = NULL
      WHERE thing_id LIKE 'k2%6' AND home IS NOT NULL;
      DELETE FROM ledger.thing WHERE thing_id LIKE 'k3%7' AND home IS NOT NULL
      """)
    func node(_ policy: any SharingPolicy) -> Replicator {
      Replicator(
        node: county, parent: NodeID("450100000000"), signer: Ed25519Signer(), policy: policy,
        policies: MemoryShelf([policy]), ledgers: [Samples.ledger])
    }
    for child in Self.children + ["450100000000"] {
      let peer = try #require(NodeID(child))
      let whole = try await shares(
        node(Unbounded(policy: policy)), with: peer, limit: 1000, database.store)
      for limit in [3, 7, 1000] {
        let narrow = try await shares(node(policy), with: peer, limit: limit, database.store)
        #expect(narrow.shares == whole.shares, "\(child), \(limit) at a time")
      }
    }
  }

  /// The items of a policy entry, whole.
  private func policyItems(
    _ node: Replicator, to peer: NodeID, at position: UInt64, _ store: PostgresStore
  ) async throws -> [Item] {
    try await store.read { tx in
      var items: [Item] = []
      var after: RecordRef?
      repeat {
        let part = try node.project(
          to: peer, lane: .bulk, from: position, maximumBytes: 4000, maximumEntries: 1,
          resuming: after, tx)
        items += ([part.parcel] + part.rest).flatMap(\.items)
        after = part.resume
      } while after != nil
      return items
    }
  }

  @Test("a policy entry says what a walk through all records says", arguments: 1...8)
  func policyChange(seed: UInt64) async throws {
    var rng = SplitMix64(seed: seed)
    let county = try #require(NodeID("450103000000"))
    let old = try policy(&rng)
    let new = try policy(&rng, epoch: 2)
    let database = try TestDatabase(policy: old, node: "450103000000")
    try await Author().receive(records(Author(), &rng), database.store)
    func node(_ old: any SharingPolicy, _ policy: any SharingPolicy) -> Replicator {
      Replicator(
        node: county, parent: NodeID("450100000000"), signer: Ed25519Signer(), policy: policy,
        policies: MemoryShelf([old, policy]), ledgers: [Samples.ledger])
    }
    let adopting = node(old, new)
    let position = try await database.store.write { tx in
      var former = adopting
      former.policy = old
      var rng = SplitMix64(seed: 1)
      let position = try tx.nextPosition(.bulk)
      try former.adopt(2, from: .own, tx, at: Moment(now: 2), using: &rng)
      return position
    }
    // Homes that are written and not sealed yet change nothing.
    try database.application().execute(
      """
      UPDATE ledger.thing SET home = '450104001001' WHERE thing_id LIKE 'k1%5' AND home IS NOT NULL;
      DELETE FROM ledger.thing WHERE thing_id LIKE 'k3%7' AND home IS NOT NULL
      """)
    var told = 0
    for child in Self.children + ["450100000000"] {
      let peer = try #require(NodeID(child))
      let whole = try await policyItems(
        node(Unbounded(policy: old), Unbounded(policy: new)), to: peer, at: position,
        database.store)
      let narrow = try await policyItems(node(old, new), to: peer, at: position, database.store)
      #expect(narrow == whole, "\(child)")
      told += whole.count
    }
    if seed == 1 { #expect(told > 0) }
  }

  @Test("reads in few slices what is far from the child")
  func fewSlices() async throws {
    let policy = try Samples.policy()
    let database = try TestDatabase(policy: policy, node: "450103000000")
    let author = try Author()
    var records: [RecordRef: Record] = [:]
    for number in 0..<400 {
      let home = number % 100 == 0 ? "450103001001" : "450103002001"
      records[Samples.ref("k\(number)")] = author.record(UInt64(number + 1), [.home: .text(home)])
    }
    try await author.receive(records, database.store)
    let county = try #require(NodeID("450103000000"))
    let node = Replicator(
      node: county, parent: nil, signer: Ed25519Signer(), policy: policy,
      policies: MemoryShelf([policy]), ledgers: [Samples.ledger])
    let town = try #require(NodeID("450103001000"))
    let found = try await shares(node, with: town, limit: 10, database.store)
    #expect(found.shares.count == 4)
    #expect(found.slices == 3)
  }
}
