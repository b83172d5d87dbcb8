import ControlAPI
import Governance
import PostgresStore
import ReplicationCore

extension ControlDesk {
  /// `conflict.resolve`: an ordinary write of the caller's that has seen what the caller saw.
  ///
  /// `take` names a value by its number, `value` gives a new one, `clear` none. `seen` is the version of the values that the caller looked at.
  func resolveConflict(_ arguments: JSON, _ actor: ControlActor?) async throws -> JSON {
    let id = arguments["id"]?.text ?? ""
    let wanted = arguments["field"]?.text
    let policy = try policy()
    let node = settings.node
    do {
      let entry = try await store.resolve(
        id, version: arguments["seen"]?.text, actor: actor?.name ?? "operator"
      ) { entry, record in
        let ledger = policy.catalog[entry.ref.ledger]
        let field = ledger?.name(of: entry.field) ?? ""
        if let wanted, wanted != field {
          throw OperatorError(
            .conflictOfAnotherField, ["id": id, "field": field, "named": wanted], status: .usage)
        }
        guard let choice = try Choice(arguments).value(in: entry) else {
          throw OperatorError(
            .conflictValueUnknown,
            ["id": id, "number": "\(arguments["take"]?.integer ?? 0)"], status: .usage)
        }
        return try policy.resolution(of: entry, record, to: choice, at: node)
      }
      try await store.waitUntilSealed(entry.ref)
      return ["resolved": 1, "conflict": try conflictDocument(entry)]
    } catch let error as ResolutionError {
      throw report(error, id)
    }
  }

  /// `conflict.resolve_all`: takes one authority's value in every pending conflict of a ledger's field where it has one, at most `limit`.
  ///
  /// Without `apply` it only counts.
  func resolveConflicts(_ arguments: JSON, _ actor: ControlActor?) async throws -> JSON {
    var filter = try conflictFilter(arguments)
    filter.kind = .pending
    guard filter.ledger != nil, filter.field != nil, let authority = filter.authority else {
      throw OperatorError(.conflictsNeedSelection, status: .usage)
    }
    var all = filter
    all.authority = nil
    let total = try await store.countConflicts(all)
    let matched = try await store.countConflicts(filter)
    let limit = min(max(arguments["limit"]?.integer ?? 1000, 1), 10_000)
    var resolved: Int64 = 0
    var failures: [JSON] = []
    if arguments["apply"]?.bool == true {
      let policy = try policy()
      let node = settings.node
      var last: RecordRef?
      for entry in try await store.conflicts(filter, limit: Int(limit)) {
        do {
          try await store.resolve(
            entry.id, version: entry.version, actor: actor?.name ?? "operator"
          ) { entry, record in
            guard let value = entry.values.first(where: { $0.isFrom(authority) })?.value else {
              throw ResolutionError.changed
            }
            return try policy.resolution(of: entry, record, to: value, at: node)
          }
          resolved += 1
          last = entry.ref
        } catch let error as ResolutionError {
          let report = report(error, entry.id)
          failures.append([
            "id": .string(entry.id), "key": .string(entry.ref.key),
            "code": .string(report.message.code),
            "reason": .string(report.message.text(report.values, in: .english)),
          ])
        }
      }
      if let last { try await store.waitUntilSealed(last) }
    }
    return [
      "pending": .integer(total), "matched": .integer(matched),
      "without_value": .integer(total - matched), "limit": .integer(limit),
      "resolved": .integer(resolved), "left": .integer(total - resolved),
      "failed": .array(failures),
    ]
  }

  /// What an operator is told of a resolution that did not happen.
  private func report(_ error: ResolutionError, _ id: String) -> OperatorError {
    switch error {
    case .unknown: return conflictUnknown(id)
    case .changed: return OperatorError(.conflictChanged, ["id": id], status: .checkFailed)
    case .refused(let refusal) where refusal.sqlState == "HJ004":
      return OperatorError(.conflictChanged, ["id": id], status: .checkFailed)
    case .refused(let refusal) where refusal.sqlState == "HJ001":
      return OperatorError(
        .conflictRefused, ["reason": refusal.message, "maintainers": refusal.hint],
        status: .refused)
    case .refused(let refusal):
      return OperatorError(.conflictValueInvalid, ["reason": refusal.message], status: .usage)
    }
  }
}

extension ConflictEntry.Stated {
  /// Whether the value comes from a node, or from a tier, of this name.
  fileprivate func isFrom(_ authority: String) -> Bool { node == authority || tier == authority }
}

/// What the caller chose: one of three ways to say it.
private struct Choice {
  private let number: Int64?
  private let text: String?

  /// Throws unless exactly one of `take`, `value` and `clear` is there.
  init(_ arguments: JSON) throws {
    number = arguments["take"]?.integer
    text = arguments["value"]?.text
    let isCleared = arguments["clear"]?.bool == true
    let given = [number != nil, text != nil, isCleared].filter { $0 }.count
    guard given == 1 else { throw OperatorError(.conflictNeedsChoice, status: .usage) }
  }

  /// The value; a new one is still a text. Nil when the conflict has no value of this number.
  func value(in entry: ConflictEntry) -> Value? {
    guard let number else { return text.map(Value.text) ?? .null }
    return entry.values.first { $0.number == number }?.value
  }
}

extension CompiledPolicy {
  /// The write that gives a conflict's field a value. Throws when existence is given another one than `true` or `false`.
  fileprivate func resolution(
    of entry: ConflictEntry, _ record: Record, to value: Value, at node: NodeID
  ) throws -> Resolution {
    guard entry.field == .alive else { return .value(value.text) }
    switch value.text {
    case "true":
      guard let ledger = catalog[entry.ref.ledger] else { return .goes }
      let homes = record.routing(by: ledger.homes).homes
      let own = explain(node, ledger.id, homes: homes).filter(\.maintain)
      return .stays(FieldSet(own.map(\.field)))
    case "false": return .goes
    default: throw OperatorError(.existenceMalformed, status: .usage)
    }
  }
}
