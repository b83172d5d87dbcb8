import ControlAPI
import Governance
import PostgresStore
import ReplicationCore
import ReplicationEngine

extension ControlDesk {
  /// `gate.verify`: the caller vouches for values of a record as this node shows them.
  func verifyValues(_ arguments: JSON, _ actor: ControlActor?) async throws -> JSON {
    let ledger = try ledger(arguments)
    let key = arguments["key"]?.text ?? ""
    let fields = arguments["fields"]?.elements.compactMap(\.text) ?? []
    do {
      let verified = try await store.verify(
        ledger: ledger.name, key: key, fields: fields.isEmpty ? nil : fields,
        actor: actor?.name ?? "operator")
      return [
        "ledger": .string(ledger.name), "key": .string(key),
        "verified": .array(verified.map { .string($0) }),
      ]
    } catch let refused as VerificationRefused {
      throw OperatorError(
        .verificationRefused, ["reason": refused.message, "hint": refused.hint],
        status: refused.sqlState == "HJ001" ? .refused : .checkFailed)
    }
  }

  /// `gate.list`: values of gated ledgers that wait for a verification, the longest waiting first, at most `limit`.
  ///
  /// Reads every record of these ledgers, in slices: what waits is not written down anywhere.
  func gateList(_ arguments: JSON) async throws -> JSON {
    let policy = try policy()
    let limit = Int(min(max(arguments["limit"]?.integer ?? 1000, 1), 10_000))
    var wanted = policy.catalog.ledgers.filter { policy.hasGate($0.id) }
    if arguments["ledger"] != nil {
      let ledger = try ledger(arguments)
      wanted.removeAll { $0.id != ledger.id }
    }
    var waiting = WaitingList(policy: policy, now: now(), limit: limit)
    for ledger in wanted {
      var last: String?
      while true {
        let after = last
        let slice = try await store.read { try $0.scan(ledger.id, after: after, limit: 500) }
        guard let end = slice.last else { break }
        last = end.0.key
        for (ref, record) in slice { waiting.add(ref, record, ledger) }
      }
    }
    return waiting.document
  }
}
