import Foundation
import Governance
import ReplicationCore
import Testing

/// The catalog and policy that ship, and small documents of the tests' own.
enum Samples {
  /// The folder with the samples that ship.
  static var config: String {
    var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    parts.append("Config")
    return parts.joined(separator: "/")
  }

  static func catalog() throws -> Catalog { try Catalog(directory: config + "/ledgers") }

  static func policyText() throws -> String {
    try String(contentsOfFile: config + "/scopes.yaml", encoding: .utf8)
  }

  static func policy() throws -> CompiledPolicy {
    try CompiledPolicy(Array(policyText().utf8), catalog: catalog())
  }

  /// A ledger of few fields.
  static let plainLedger = """
    ledger: person
    id: 1
    title: {zh: 人, en: Person}
    lane: bulk
    key: {name: person_id, type: uuid}
    homes: [home, residence]
    fields:
      - {name: home, id: 2, title: {zh: 家, en: Home}, type: division}
      - {name: residence, id: 3, title: {zh: 居, en: Residence}, type: division}
      - {name: name, id: 4, title: {zh: 姓名, en: Name}, type: text}
      - {name: phone, id: 5, title: {zh: 电话, en: Phone}, type: phone}
      - {name: aid, id: 6, title: {zh: 补助, en: Aid}, type: integer, authorities: [county, village]}
    """

  static func plainCatalog() throws -> Catalog {
    try Catalog(files: [CatalogFile(name: "person.yaml", text: plainLedger)])
  }

  /// A policy over the ledger of few fields.
  static func policy(
    rules: String, tiers: String = "region, city, county, town, village"
  ) throws -> CompiledPolicy {
    let text = "epoch: 7\nregion: 450000000000\ntiers: [\(tiers)]\nrules:\n" + rules
    return try CompiledPolicy(Array(text.utf8), catalog: plainCatalog())
  }

  static func node(_ text: String) throws -> NodeID { try #require(NodeID(text)) }
  static func code(_ text: String) throws -> DivisionCode { try #require(DivisionCode(text)) }
}

/// Random numbers that a seed replays.
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
