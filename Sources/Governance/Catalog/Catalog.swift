package import ReplicationCore

/// One source file of a catalog.
package struct CatalogFile: Sendable, Hashable {
  /// The file's name without a folder, as in `resident.yaml`.
  package let name: String
  package let text: String
  package init(name: String, text: String) {
    self.name = name
    self.text = text
  }
}

/// All ledgers of a tree; numbered, signed and carried down like a policy.
package struct Catalog: Sendable, Hashable {
  /// Rises with each new catalog; from 1.
  package let epoch: UInt64
  /// Ascending by id.
  package let ledgers: [Ledger]
  /// The sources, ascending by the bytes of their names.
  package let files: [CatalogFile]
  private let byNumber: [LedgerID: Int]
  private let byName: [String: Int]

  /// The most ledgers that a catalog may have.
  package static let maximumLedgers = 256

  /// Reads the sources. Throws every problem of all files at once.
  package init(epoch: UInt64 = 1, files: [CatalogFile]) throws(Problems) {
    let files = files.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    var log = ProblemLog(file: "catalog")
    if files.isEmpty { log.note("there is no ledger file", at: .whole) }
    if files.count > Self.maximumLedgers {
      log.note("there are more than \(Self.maximumLedgers) ledgers", at: .whole)
    }
    var ledgers: [Ledger] = []
    var numbers: [LedgerID: String] = [:]
    var names: [String: String] = [:]
    for file in files {
      log.file = file.name
      guard let parsed = LedgerParser.parse(file.text, log: &log) else { continue }
      if let other = numbers.updateValue(file.name, forKey: parsed.id) {
        log.note("id \(parsed.id.number) is also that of \(other)", at: .whole)
      }
      if let other = names.updateValue(file.name, forKey: parsed.name) {
        log.note("the ledger \"\(parsed.name)\" is also in \(other)", at: .whole)
      }
      ledgers.append(parsed)
    }
    try log.check()
    ledgers.sort { $0.id < $1.id }
    self.epoch = epoch
    self.ledgers = ledgers
    self.files = files
    byNumber = Dictionary(uniqueKeysWithValues: zip(ledgers.map(\.id), ledgers.indices))
    byName = Dictionary(uniqueKeysWithValues: zip(ledgers.map(\.name), ledgers.indices))
  }

  /// The ledger of a number; nil when there is none.
  package subscript(id: LedgerID) -> Ledger? { byNumber[id].map { ledgers[$0] } }

  /// The ledger of a name; nil when there is none.
  package func ledger(named name: String) -> Ledger? { byName[name].map { ledgers[$0] } }

  /// Where a ledger stands in `ledgers`; nil when there is none.
  func slot(of id: LedgerID) -> Int? { byNumber[id] }
}
