import Governance
import ReplicationCore
import Testing

/// Small documents of the tests' own, and the ledgers that ship.
enum Samples {
  static let village = "450103001201"
  static let neighbour = "450103001202"

  /// A ledger with a field of every type.
  static let thing = """
    ledger: thing
    id: 7
    title: {zh: 物, en: Thing}
    lane: bulk
    key: {name: thing_id, type: text}
    homes: [home, place]
    fields:
      - {name: home, id: 2, title: {zh: 家, en: Home}, type: division}
      - {name: place, id: 3, title: {zh: 居, en: Place}, type: division}
      - {name: name, id: 4, title: {zh: 名, en: Name}, type: text}
      - {name: amount, id: 5, title: {zh: 数, en: Amount}, type: integer}
      - {name: price, id: 6, title: {zh: 价, en: Price}, type: decimal}
      - {name: born, id: 7, title: {zh: 生, en: Born}, type: date}
      - {name: seen, id: 8, title: {zh: 见, en: Seen}, type: timestamp}
      - {name: active, id: 9, title: {zh: 活, en: Active}, type: bool}
      - {name: tag, id: 10, title: {zh: 标, en: Tag}, type: uuid}
      - {name: details, id: 11, title: {zh: 详, en: Details}, type: json}
      - {name: id_number, id: 12, title: {zh: 号, en: Identity number}, type: identity_number, sensitive: true}
      - {name: subsidy, id: 13, title: {zh: 补, en: Subsidy}, type: text}
    """

  static let rules = """
    epoch: 1
    region: 450000000000
    tiers: [region, city, county, town, village]
    groups:
      thing:
        basics: [home, place, name, amount, price, born, seen, active, tag, details, id_number]
    rules:
      - rule: keep
        who: [village, town, county]
        ledger: thing
        homes: own
        maintain: [basics]
        create: true
        delete: true
        verify: [name, amount]
      - rule: county-decides
        who: county
        ledger: thing
        homes: own
        maintain: [subsidy]
    """

  static let ledger = LedgerID(7)

  static func catalog() throws -> Catalog {
    try Catalog(files: [CatalogFile(name: "thing.yaml", text: thing)])
  }

  static func policy() throws -> CompiledPolicy {
    try CompiledPolicy(Array(rules.utf8), catalog: catalog())
  }

  /// The folder with the documents that ship.
  static var config: String {
    var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4)
    parts.append("Config")
    return parts.joined(separator: "/")
  }

  static func ref(_ key: String) -> RecordRef { RecordRef(ledger, key) }

  /// An application's `INSERT` of a thing with a home and a name.
  static func insert(_ key: String, _ name: String = "甲", home: String = village) -> String {
    "INSERT INTO ledger.thing (thing_id, home, name) VALUES ('\(key)', '\(home)', '\(name)')"
  }
}
