import PostgresStore

extension ControlDesk {
  /// `quarantine.list`: what was refused, newest first; `limit` at most, those before `before` when that is given.
  func quarantineList(_ arguments: JSON) async throws -> JSON {
    let limit = min(max(arguments["limit"]?.integer ?? 1000, 1), 10_000)
    let entries = try await store.quarantined(
      before: arguments["before"]?.integer, limit: Int(limit))
    return .array(entries.map(document))
  }

  /// `quarantine.show`: one refused item. Throws when there is none of this number.
  func quarantineEntry(_ arguments: JSON) async throws -> JSON {
    let id = arguments["id"]?.integer ?? 0
    guard let entry = try await store.quarantined(id) else {
      throw OperatorError(.quarantineUnknown, ["id": "\(id)"], status: .checkFailed)
    }
    return document(entry)
  }

  private func document(_ entry: QuarantineEntry) -> JSON {
    [
      "id": .integer(entry.id),
      "at": .string(Timestamp(entry.at).description),
      "peer": .string(entry.peer),
      "ledger": .optional(entry.ledger),
      "key": .optional(entry.key),
      "dot": .optional(entry.dot),
      "code": .string(entry.code),
      "detail": .string(entry.detail),
      "proof_bytes": .integer(entry.proofBytes),
    ]
  }
}
