import Governance
import ReplicationCore
import Testing

@Suite("What two policies show otherwise")
struct ViewDifferenceTests {
  /// A random policy, with masks of a field by some of its rules.
  private func policy(_ numbers: inout SeededNumbers, _ catalog: Catalog) throws -> CompiledPolicy {
    var text = RandomPolicy(using: &numbers).text
    for rule in 0..<Int.random(in: 0...3, using: &numbers) {
      let mask = ["mask: {name: partial}", "mask: {name: suppress}", "unmask: [name]", ""]
        .randomElement(using: &numbers)
      let home = RandomPolicy.codes.randomElement(using: &numbers) ?? ""
      text += "  - rule: masks\(rule)\n    who: [village, town, county]\n    ledger: person\n"
      text += "    homes: \(["own", "all", "[\(home)]"].randomElement(using: &numbers) ?? "own")\n"
      text += "    read: [name]\n    \(mask ?? "")\n"
    }
    let bytes = Array(text.utf8)
    return CompiledPolicy(
      bytes: bytes, document: try ScopeDocument(bytes, catalog: catalog), catalog: catalog)
  }

  @Test("No record outside the difference has another view, for random policies", arguments: 0..<40)
  func exact(_ seed: UInt64) throws {
    var numbers = SeededNumbers(seed: seed)
    let catalog = try RandomPolicy.catalog()
    let ledger = try #require(catalog.ledgers.first).id
    let old = try policy(&numbers, catalog)
    // Often one that differs a little only.
    let new = try policy(&numbers, catalog)
    let codes = try RandomPolicy.codes.map { try Samples.code($0) }
    for code in codes {
      for slug in ["", "aid"] {
        let node = try #require(NodeID(code: code, slug: slug))
        let difference = new.difference(from: old, for: node, in: ledger, isUp: false)
        for first in codes {
          let second = codes.randomElement(using: &numbers) ?? first
          let homes = [Home(first), Home(second, column: 1)]
          let isNamed =
            switch difference {
            case .none: false
            case .all: true
            case .homes(let ranges):
              homes.contains { home in ranges.contains { $0.contains(home.code) } }
            }
          if isNamed { continue }
          #expect(
            old.fields(of: node, in: ledger, homes: homes)
              == new.fields(of: node, in: ledger, homes: homes), "seed \(seed), \(node), \(homes)")
          #expect(
            old.masks(of: node, in: ledger, homes: homes)
              == new.masks(of: node, in: ledger, homes: homes), "seed \(seed), \(node), \(homes)")
        }
      }
    }
  }

  @Test(
    "A rule of one town is a difference for that town's homes; upwards it is one of all or of none")
  func oneTown() throws {
    let catalog = try Samples.plainCatalog()
    let ledger = try #require(catalog.ledgers.first).id
    func policy(_ more: String) throws -> CompiledPolicy {
      let text = """
        epoch: 3
        region: 450000000000
        rules:
          - {rule: county, who: county, ledger: person, homes: own, read: all}
          - {rule: aid, who: {department: aid, of: county}, ledger: person, homes: own, read: [home]}

        """
      let bytes = Array((text + more).utf8)
      return CompiledPolicy(
        bytes: bytes, document: try ScopeDocument(bytes, catalog: catalog), catalog: catalog)
    }
    let old = try policy("")
    let new = try policy(
      "  - {rule: more, who: {department: aid, of: county}, ledger: person, homes: [450101001000], read: [phone]}\n"
    )
    let aid = try #require(NodeID("450101000000/aid"))
    let town = try Samples.code("450101001000")...Samples.code("450101001999")
    #expect(new.difference(from: old, for: aid, in: ledger, isUp: false) == .homes([town]))
    #expect(old.difference(from: new, for: aid, in: ledger, isUp: false) == .homes([town]))
    #expect(new.difference(from: old, for: aid, in: ledger, isUp: true) == .all)
    let county = try #require(NodeID("450101000000"))
    #expect(new.difference(from: old, for: county, in: ledger, isUp: false) == ViewDifference.none)
    #expect(new.difference(from: old, for: county, in: ledger, isUp: true) == ViewDifference.none)
  }
}
