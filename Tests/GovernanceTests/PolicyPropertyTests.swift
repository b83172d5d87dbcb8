import Governance
import ReplicationCore
import Testing

@Suite("Compiled policies")
struct PolicyPropertyTests {
  /// One random policy with what is asked of it.
  private struct Trial {
    let seed: UInt64
    let random: RandomPolicy
    let oracle: PolicyOracle
    let policy: CompiledPolicy
    let ledger: Ledger

    init(seed: UInt64, _ numbers: inout SeededNumbers) throws {
      self.seed = seed
      random = RandomPolicy(using: &numbers)
      let day = RandomPolicy.days.randomElement(using: &numbers) ?? RandomPolicy.days[0]
      let catalog = try RandomPolicy.catalog()
      ledger = try #require(catalog.ledgers.first)
      let bytes = Array(random.text.utf8)
      let document = try ScopeDocument(bytes, catalog: catalog)
      policy = CompiledPolicy(bytes: bytes, document: document, catalog: catalog)
        .asOf(CalendarDay(day))
      oracle = PolicyOracle(random, on: day)
    }

    func names(_ set: FieldSet) -> Set<String> { Set(set.members.map { ledger.name(of: $0) }) }

    func set(_ names: Set<String>) -> FieldSet {
      FieldSet(names.compactMap { ledger.field(named: $0)?.id })
    }

    /// As the oracle has them.
    func words(_ masks: FieldMasks) -> [String: String] {
      var words: [String: String] = [:]
      for (field, mask) in masks.entries {
        let text = mask.words
        words[ledger.name(of: field)] =
          text.hasPrefix("range") ? "{range: \(text.dropFirst(6))}" : text
      }
      return words
    }

    func homes(_ places: [PolicyOracle.Place]) throws -> [Home] {
      try places.map { place in
        Home(try Samples.code(place.code), column: place.column == "home" ? 0 : 1)
      }
    }
  }

  @Test("A compiled policy says what its words say, for random policies", arguments: 0..<40)
  func meaning(_ seed: UInt64) throws {
    var numbers = SeededNumbers(seed: seed)
    let trial = try Trial(seed: seed, &numbers)
    let all = RandomPolicy.codes + RandomPolicy.others
    for code in RandomPolicy.codes {
      for slug in RandomPolicy.slugs {
        let id = slug.isEmpty ? code : "\(code)/\(slug)"
        let node = try Samples.node(id)
        let note: Comment = "seed \(seed), node \(id)\n\(trial.random.text)"
        let any = trial.policy.fields(of: node, in: trial.ledger.id)
        #expect(trial.names(any) == trial.oracle.fields(id, nil), note)
        let masks = trial.policy.masks(of: node, in: trial.ledger.id)
        #expect(trial.words(masks) == trial.oracle.masks(id), note)
        for first in all.shuffled(using: &numbers).prefix(8) {
          let second = all.randomElement(using: &numbers) ?? first
          for places in [
            [("home", first)], [("residence", first)], [("home", first), ("residence", second)],
          ] {
            try judge(trial, node, places)
            try act(trial, node, places, &numbers)
          }
        }
      }
    }
  }

  private func judge(_ trial: Trial, _ node: NodeID, _ places: [PolicyOracle.Place]) throws {
    let homes = try trial.homes(places)
    let fields = trial.policy.fields(of: node, in: trial.ledger.id, homes: homes)
    let masks = trial.policy.masks(of: node, in: trial.ledger.id, homes: homes)
    let note: Comment = "seed \(trial.seed), node \(node), homes \(places)\n\(trial.random.text)"
    #expect(trial.names(fields) == trial.oracle.fields("\(node)", places), note)
    #expect(trial.words(masks) == trial.oracle.masks("\(node)", places), note)
    #expect(masks.fields.isSubset(of: fields), note)
  }

  /// A random act on a record with these homes, and the making of one.
  private func act(
    _ trial: Trial, _ node: NodeID, _ places: [PolicyOracle.Place], _ numbers: inout SeededNumbers
  ) throws {
    func some() -> Set<String> {
      Set(RandomPolicy.fieldNames.filter { _ in Int.random(in: 0..<6, using: &numbers) == 0 })
    }
    var deed = PolicyOracle.Deed()
    deed.written = some()
    deed.resolved = deed.written.intersection(some())
    deed.verified = Int.random(in: 0..<3, using: &numbers) == 0 ? some() : []
    deed.deletes = Int.random(in: 0..<5, using: &numbers) == 0
    let homes = try trial.homes(places)
    let ledger = trial.ledger.id
    let note: Comment =
      "seed \(trial.seed), \(node) does \(deed) at \(places)\n\(trial.random.text)"
    func act() -> Act {
      Act(
        written: trial.set(deed.written), resolved: trial.set(deed.resolved),
        verified: trial.set(deed.verified), creates: deed.creates, deletes: deed.deletes)
    }
    let refusal = trial.policy.violation(
      by: node, in: ledger, act: act(), before: .homes(homes), after: .homes(homes))
    #expect((refusal == nil) == trial.oracle.allows(deed, by: "\(node)", at: places), note)
    guard places[0].column == "home" else { return }
    deed.deletes = false
    deed.creates = true
    deed.written.insert("home")
    let creation = trial.policy.violation(
      by: node, in: ledger, act: act(), before: .neverKnown, after: .homes(homes))
    let allowed = trial.oracle.allowsCreation(deed, by: "\(node)", home: places[0].code)
    #expect((creation == nil) == allowed, note)
  }

  @Test("Asking many times at once gives the same answers")
  func together() async throws {
    let policy = try Samples.policy()
    let homes = [Home(try Samples.code("450103001005"))]
    let node = try Samples.node("450103001005")
    let expected = try Samples.policy().fields(of: node, in: LedgerID(1), homes: homes)
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 {
        group.addTask {
          (0..<2_000).allSatisfy { _ in
            policy.fields(of: node, in: LedgerID(1), homes: homes) == expected
          }
        }
      }
      for await same in group { #expect(same) }
    }
  }
}
