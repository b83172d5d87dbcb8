import Governance
import PostgresStore
import ReplicationCore
import ReplicationEngine

extension ControlDesk {
  /// `ledger.list`.
  func ledgerList() throws -> JSON { .array(try policy().catalog.ledgers.map(ledgerDocument)) }

  /// `ledger.show`.
  func ledgerDocument(_ ledger: Ledger) -> JSON {
    let policy = governance.current
    return [
      "name": .string(ledger.name),
      "title": .string("\(ledger.title.chinese) \(ledger.title.english)"),
      "key": .string(ledger.key.name),
      "homes": .array(ledger.homes.map { .string(ledger.name(of: $0)) }),
      "lane": .string(ledger.lane.name),
      "fields": .array(
        ledger.fields.map { field in
          let subjects = policy?.authorities(of: field.id, in: ledger.id) ?? field.authorities
          return [
            "name": .string(field.name),
            "title": .string("\(field.title.chinese) \(field.title.english)"),
            "type": .string(field.type.name),
            "sensitive": .bool(field.isSensitive),
            "authorities": .array(subjects.map { .string("\($0)") }),
            "codes": field.type.codes.map { list in
              .array(list.items.map { ["code": .string($0.code), "title": .string($0.title)] })
            } ?? .null,
          ]
        }),
    ]
  }

  /// `scope.show`: the policy as it was signed.
  func scopeSource() throws -> JSON {
    let policy = try policy()
    return [
      "epoch": .integer(policy.epoch),
      "source": .string(String(decoding: policy.bytes, as: UTF8.self)),
    ]
  }

  /// `scope.check`: what is wrong with a policy's text, against the catalog in force.
  func scopeCheck(_ arguments: JSON) throws -> JSON {
    let reading = try PolicyReading(
      file: arguments["file"]?.text ?? "scopes.yaml",
      source: Array((arguments["source"]?.text ?? "").utf8), day: arguments["day"]?.text)
    return reading.check(against: try policy().catalog)
  }

  /// A record that this node holds. Throws when it does not.
  func record(_ ledger: Ledger, _ key: String) async throws -> Record {
    guard let found = try await recordIfHeld(ledger, key) else {
      throw OperatorError(
        .recordUnknown, ["ledger": ledger.name, "key": key], status: .checkFailed)
    }
    return found
  }

  /// A record that this node holds; nil when it does not. Throws when the key cannot be one of the ledger's.
  func recordIfHeld(_ ledger: Ledger, _ key: String) async throws -> Record? {
    guard let canonical = ledger.key.type.canonical(key) else {
      throw OperatorError(
        .keyMalformed,
        [
          "ledger": ledger.name, "key": key, "name": ledger.key.name,
          "type": ledger.key.type.rawValue,
        ], status: .checkFailed)
    }
    let ref = RecordRef(ledger.id, canonical)
    let found = try await store.read { try $0.load([ref], lock: false).records[ref] }
    return found?.isHeld == true ? found : nil
  }
}
