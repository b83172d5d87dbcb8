import Governance
import ReplicationCore
import Testing

@Suite("How a field comes to a node")
struct ScopePathTests {
  @Test("Each hop gives what the policy lets it hold, by rules that say so", arguments: 0..<40)
  func hops(_ seed: UInt64) throws {
    var numbers = SeededNumbers(seed: seed)
    let catalog = try RandomPolicy.catalog()
    let ledger = try #require(catalog.ledgers.first)
    let bytes = Array(RandomPolicy(using: &numbers).text.utf8)
    let policy = CompiledPolicy(
      bytes: bytes, document: try ScopeDocument(bytes, catalog: catalog), catalog: catalog)
    let codes = try RandomPolicy.codes.map { try Samples.code($0) }
    for code in codes {
      let slug = RandomPolicy.slugs.randomElement(using: &numbers) ?? ""
      let node = try #require(NodeID(code: code, slug: slug))
      let homes = try [
        Home(#require(codes.randomElement(using: &numbers))),
        Home(#require(codes.randomElement(using: &numbers)), column: 1),
      ]
      let paths = policy.paths(to: node, of: ledger.id, homes: homes, from: node)
      #expect(Set(paths.flatMap(\.fields)) == Set(ledger.fields.map(\.id)))
      for path in paths {
        #expect(path.hops.last?.node == node)
        for (hop, from) in zip(path.hops.dropFirst(), path.hops) {
          let tree = AdministrativeTree(tiers: policy.document.tiers)
          #expect(tree.parent(of: hop.direction == .up ? from.node : hop.node) != nil)
          #expect(
            hop.direction == .up
              ? tree.parent(of: from.node) == hop.node : tree.parent(of: hop.node) == from.node)
        }
        for hop in path.hops { try check(hop, path, policy, ledger, homes) }
      }
    }
  }

  private func check(
    _ hop: ScopeHop, _ path: ScopePath, _ policy: CompiledPolicy, _ ledger: Ledger, _ homes: [Home]
  ) throws {
    // Upwards homes do not count.
    let isUp = hop.direction == .up
    let view =
      isUp
      ? policy.fields(of: hop.node, in: ledger.id)
      : policy.fields(of: hop.node, in: ledger.id, homes: homes)
    let masks =
      isUp
      ? policy.masks(of: hop.node, in: ledger.id)
      : policy.masks(of: hop.node, in: ledger.id, homes: homes)
    #expect(hop.fields.map(\.field) == path.fields)
    for field in hop.fields {
      #expect(field.isGiven == view.contains(field.field))
      #expect(field.mask == (field.isGiven ? masks[field.field]?.words : nil))
      #expect(!field.isGiven || !field.rules.isEmpty)
      for rule in field.rules {
        #expect(rule.read.contains(field.field))
        #expect(rule.subjects.contains { $0.contains(hop.node) })
      }
    }
  }

  @Test("A field starts at its home's node, else at the nearest node that writes it")
  func starts() throws {
    let policy = try Samples.policy()
    let resident = try #require(policy.catalog.ledger(named: "resident"))
    let subsidy = try #require(resident.fields.first { $0.name == "subsidy" }).id
    let phone = try #require(resident.fields.first { $0.name == "phone" }).id
    let home = Home(try Samples.code("450103001005"))
    let paths = policy.paths(
      to: try Samples.node("450100000000"), of: resident.id, homes: [home],
      from: try Samples.node("450000000000"))
    #expect(
      paths.map { $0.hops.map { "\($0.node)" } } == [
        ["450103001005", "450103001000", "450103000000", "450100000000"],
        ["450103000000/civil-affairs", "450103000000", "450100000000"],
      ])
    #expect(paths.last?.fields == [subsidy])
    let stop = try #require(paths.first?.stop(of: phone))
    #expect("\(stop.node)" == "450100000000")
    #expect(paths.first?.hops.map(\.direction) == [.start, .up, .up, .up])
  }

  @Test("What stops a field is named: the relay, and the rule that gives it for other homes only")
  func stops() throws {
    let catalog = try Samples.plainCatalog()
    // Such a policy is never in force: path closure refuses it, and explain tells why.
    let text = """
      epoch: 7
      region: 450000000000
      rules:
        - {rule: village, who: village, ledger: person, homes: own, maintain: [home, name], create: true}
        - {rule: town, who: town, ledger: person, homes: own, read: [name]}
        - {rule: near, who: {node: 450103002005}, ledger: person, homes: [450103003000], read: [name]}
        - {rule: rest, who: county, ledger: person, homes: own, read: [name]}

      """
    let bytes = Array(text.utf8)
    let policy = CompiledPolicy(
      bytes: bytes, document: try ScopeDocument(bytes, catalog: catalog), catalog: catalog)
    let ledger = try #require(policy.catalog.ledgers.first)
    let name = try #require(ledger.fields.first { $0.name == "name" }).id
    let phone = try #require(ledger.fields.first { $0.name == "phone" }).id
    let homes = [Home(try Samples.code("450103001005"))]
    let path = try #require(
      policy.paths(
        to: try Samples.node("450103002005"), of: ledger.id, homes: homes,
        from: try Samples.node("450103000000")
      ).first)
    #expect(path.hops.map(\.direction) == [.start, .up, .up, .down, .down])
    let stop = try #require(path.stop(of: name))
    #expect("\(stop.node)" == "450103002000")
    #expect(stop.fields.first { $0.field == name }?.rules.map(\.name) == ["town"])
    let last = try #require(path.hops.last?.fields.first { $0.field == name })
    #expect(!last.isGiven && last.rules.map(\.name) == ["village", "near"])
    #expect(path.stop(of: phone)?.direction == .start)
    #expect(path.hops.first?.fields.first { $0.field == phone }?.rules == [])
  }

  @Test("A gate stands where a link leads up to a city or a region, for its ledger alone")
  func gates() throws {
    let policy = try Samples.policy()
    let gated = try #require(policy.catalog.ledger(named: "disability"))
    let home = Home(try Samples.code("450103001005"))
    let path = policy.paths(
      to: try Samples.node("450000000000"), of: gated.id, homes: [home],
      from: try Samples.node("450000000000")
    ).first { $0.hops.first?.node.slug == "civil-affairs" }
    #expect(path?.hops.map(\.isGated) == [false, false, true, true])
  }
}
