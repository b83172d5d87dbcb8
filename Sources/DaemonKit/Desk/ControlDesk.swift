import ControlAPI
import Governance
import PeerTransport
import PostgresStore
import ReplicationCore
import ReplicationEngine
import SignedFeed

/// Answers the operator's verbs.
struct ControlDesk: ControlHandler {
  let settings: NodeSettings
  let store: PostgresStore
  let service: NodeService
  let governance: GovernanceDesk
  let signers: SignerCache
  let secrets: HandoverSecrets
  let refusedCertificates: CertificateRefusals
  /// Microseconds since 1970 UTC.
  let now: @Sendable () -> Int64

  /// Part of `ControlHandler`: one document for every verb; `verify` and `scope.plan` tell their progress before.
  func handle(
    verb: String, arguments: [UInt8], language: String, actor: ControlActor?
  ) -> AsyncThrowingStream<[UInt8], any Error> {
    let language = Language(rawValue: language) ?? .english
    let (stream, continuation) = AsyncThrowingStream<[UInt8], any Error>.makeStream()
    let task = Task {
      do {
        let text = String(decoding: arguments, as: UTF8.self)
        let arguments: JSON = text.isEmpty ? [:] : try JSON(parsing: text)
        switch verb {
        case "verify": try await verify(arguments) { continuation.yield($0.bytes) }
        case "scope.plan": try await scopePlan(arguments) { continuation.yield($0.bytes) }
        default: continuation.yield(try await answer(verb, arguments, actor).bytes)
        }
        continuation.finish()
      } catch let error as OperatorError {
        continuation.finish(
          throwing: ControlFailure(
            exitStatus: error.status.rawValue, code: error.message.code,
            message: error.message.text(error.values, in: language),
            hint: error.message.hint(error.values, in: language) ?? ""))
      } catch let error as StoreError {
        continuation.finish(
          throwing: ControlFailure(
            exitStatus: ExitStatus.unreachable.rawValue, code: "database", message: "\(error)",
            hint: ""))
      } catch {
        continuation.finish(throwing: error)
      }
    }
    continuation.onTermination = { _ in task.cancel() }
    return stream
  }

  private func answer(
    _ verb: String, _ arguments: JSON, _ actor: ControlActor?
  ) async throws -> JSON {
    switch verb {
    case "status": return try await status()
    case "links": return try await links()
    case "trace": return try await trace(arguments)
    case "ledger.list": return try ledgerList()
    case "ledger.show": return ledgerDocument(try ledger(arguments))
    case "scope.show": return try scopeSource()
    case "scope.apply": return try await scopeApply(arguments)
    case "scope.check": return try scopeCheck(arguments)
    case "scope.explain": return try await scopeExplain(arguments)
    case "gate.list": return try await gateList(arguments)
    case "gate.verify": return try await verifyValues(arguments, actor)
    case "quarantine.list": return try await quarantineList(arguments)
    case "quarantine.show": return try await quarantineEntry(arguments)
    case "conflict.list": return try await conflictList(arguments)
    case "conflict.show": return try await conflictEntry(arguments)
    case "conflict.resolve": return try await resolveConflict(arguments, actor)
    case "conflict.resolve_all": return try await resolveConflicts(arguments, actor)
    case "handover.list": return try await handoverList(arguments)
    case "handover.export": return try await handoverExport(arguments)
    case "handover.exported": return try await handoverExported(arguments)
    case "handover.forward": return try await handoverForward(arguments)
    case "handover.import": return try await handoverImport(arguments)
    case "handover.confirm": return try await handoverConfirm(arguments)
    default: throw OperatorError(.verbUnknown, ["verb": verb], status: .usage)
    }
  }

  /// The policy in force. Throws when there is none yet.
  func policy() throws -> CompiledPolicy {
    guard let policy = governance.current else {
      throw OperatorError(
        .noPolicyYet, ["node": "\(settings.node)"], status: .unreachable)
    }
    return policy
  }

  /// The ledger that the arguments name. Throws when the catalog has none such.
  func ledger(_ arguments: JSON) throws -> Ledger {
    let catalog = try policy().catalog
    let name = arguments["ledger"]?.text ?? ""
    guard let ledger = catalog.ledger(named: name) else {
      throw OperatorError(
        .ledgerUnknown,
        ["ledger": name, "known": catalog.ledgers.map(\.name).joined(separator: ", ")],
        status: .usage)
    }
    return ledger
  }
}
