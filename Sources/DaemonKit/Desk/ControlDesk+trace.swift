import Governance
import PostgresStore
import ReplicationCore
import ReplicationEngine
import SignedFeed

extension ControlDesk {
  /// `trace`: for each shown field who wrote it, when, where, under which rule; the author's signature is checked anew.
  func trace(_ arguments: JSON) async throws -> JSON {
    let policy = try policy()
    let ledger = try ledger(arguments)
    let key = arguments["key"]?.text ?? ""
    let record = try await record(ledger, key)
    var wanted: FieldID?
    if let name = arguments["field"]?.text {
      guard let field = ledger.field(named: name) else {
        throw OperatorError(
          .fieldUnknown, ["ledger": ledger.name, "field": name], status: .usage)
      }
      wanted = field.id
    }
    let shown = record.registers.compactMap { entry -> (FieldID, Sibling)? in
      guard wanted == nil || entry.field == wanted else { return nil }
      let isRouting = ledger.homes.contains(entry.field)
      return entry.register.shown(isRouting: isRouting).map { (entry.field, $0) }
    }
    let proofs = try await proofs(Set(shown.map(\.1.dot)))
    return .array(
      shown.map { field, sibling in
        let proof = proofs[sibling.dot] ?? Proof(state: .missing, change: nil)
        let write = proof.change?.writes.first { $0.field == field }
        let state: Proof.State =
          write == nil ? .missing : write?.value == sibling.value ? proof.state : .invalid
        let author = sibling.dot.replica.node
        let rule = policy.explain(author, ledger.id).first { $0.field == field && $0.maintain }
        return [
          "field": .string(ledger.name(of: field)),
          "value": field == .alive ? .bool(!sibling.value.isDeletion) : sibling.value.json,
          "node": .string("\(author)"),
          "author": .optional(proof.change?.actor),
          "time": .string(Timestamp(sibling.time).description),
          "dot": .string("\(sibling.dot)"),
          "rule": .optional(rule?.rule),
          "signature": .string(state.rawValue),
        ]
      })
  }

  /// The proof of one change: whether its author's signature holds, and what it says.
  private struct Proof: Sendable {
    enum State: String, Sendable { case valid, invalid, missing }
    let state: State
    let change: Change?
  }

  /// Verifies the kept batches that contain some dots as if they came from a stranger.
  private func proofs(_ dots: Set<Dot>) async throws -> [Dot: Proof] {
    let (batches, records) = try await store.read { tx in
      (try tx.batches(containing: dots), try tx.signers())
    }
    signers.load(records)
    var proofs: [Dot: Proof] = [:]
    for batch in batches {
      let state: Proof.State
      do {
        var reader = ByteReader(batch.encoded())
        _ = try UnverifiedBatch(decoding: &reader).verified(by: signers)
        state = .valid
      } catch {
        state = .invalid
      }
      for change in batch.changes where dots.contains(change.dot) {
        proofs[change.dot] = Proof(state: state, change: change)
      }
    }
    return proofs
  }
}
