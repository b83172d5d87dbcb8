import Governance
import PostgresStore
import ReplicationCore

extension ControlDesk {
  /// `conflict.list`: the inbox by ledger, key and field; `ledger`, `field`, `authority` and `kind` narrow it, `limit` bounds it.
  func conflictList(_ arguments: JSON) async throws -> JSON {
    let limit = min(max(arguments["limit"]?.integer ?? 1000, 1), 10_000)
    let entries = try await store.conflicts(try conflictFilter(arguments), limit: Int(limit))
    return .array(try entries.map(conflictDocument))
  }

  /// `conflict.show`: one conflict. Throws when there is none of this id.
  func conflictEntry(_ arguments: JSON) async throws -> JSON {
    var filter = ConflictFilter()
    filter.id = arguments["id"]?.text ?? ""
    guard let entry = try await store.conflicts(filter, limit: 1).first else {
      throw conflictUnknown(filter.id ?? "")
    }
    return try conflictDocument(entry)
  }

  func conflictUnknown(_ id: String) -> OperatorError {
    OperatorError(.conflictUnknown, ["id": id], status: .checkFailed)
  }

  /// What the arguments ask for. Throws for names that are none.
  func conflictFilter(_ arguments: JSON) throws -> ConflictFilter {
    var filter = ConflictFilter()
    filter.authority = arguments["authority"]?.text
    if let authority = filter.authority, Tier(rawValue: authority) == nil, NodeID(authority) == nil
    {
      throw OperatorError(.authorityMalformed, ["authority": authority], status: .usage)
    }
    if let name = arguments["kind"]?.text {
      guard let kind = Conflict.Kind(rawValue: name) else {
        throw OperatorError(.conflictKindUnknown, ["kind": name], status: .usage)
      }
      filter.kind = kind
    }
    guard arguments["ledger"]?.text != nil else {
      guard let name = arguments["field"]?.text else { return filter }
      throw OperatorError(.fieldNeedsLedger, ["field": name], status: .usage)
    }
    let ledger = try ledger(arguments)
    filter.ledger = ledger.id
    if let name = arguments["field"]?.text { filter.field = try field(name, of: ledger) }
    return filter
  }

  private func field(_ name: String, of ledger: Ledger) throws -> FieldID {
    if name == ledger.name(of: .alive) { return .alive }
    guard let field = ledger.field(named: name) else {
      throw OperatorError(.fieldUnknown, ["ledger": ledger.name, "field": name], status: .usage)
    }
    return field.id
  }

  func conflictDocument(_ entry: ConflictEntry) throws -> JSON {
    let ledger = try policy().catalog[entry.ref.ledger]
    return [
      "id": .string(entry.id),
      "ledger": .string(ledger?.name ?? "\(entry.ref.ledger)"),
      "key": .string(entry.ref.key),
      "field": .string(ledger?.name(of: entry.field) ?? "\(entry.field)"),
      "kind": .string(entry.kind.rawValue),
      "version": .string(entry.version),
      "values": .array(
        entry.values.map { stated in
          [
            "number": .integer(stated.number),
            "value": stated.value.json,
            "node": .string(stated.node),
            "tier": .string(stated.tier),
            "author": .optional(stated.author),
            "time": .optional(stated.time.map { Timestamp($0).description }),
            "rank": .integer(stated.rank),
            "shown": .bool(stated.number == 1),
            "why": .optional(stated.reason),
            "dot": .string(stated.dot),
          ]
        }),
    ]
  }
}
