import Governance
import ReplicationCore
import ReplicationEngine

extension ControlDesk {
  /// `verify`: compares links; progress documents, `{"progress": …}`, and at the end one with all links.
  func verify(_ arguments: JSON, each: @escaping @Sendable (JSON) -> Void) async throws {
    let policy = try policy()
    var peers = service.board.knownPeers
    if let text = arguments["link"]?.text {
      guard let peer = NodeID(text) else {
        throw OperatorError(.nodeMalformed, ["node": text], status: .usage)
      }
      guard peers.contains(peer) else {
        throw OperatorError(
          .linkUnknown,
          ["peer": text, "known": peers.map(\.description).joined(separator: ", ")], status: .usage)
      }
      peers = [peer]
    }
    let repairs = arguments["repair"]?.bool ?? false
    var links: [JSON] = []
    for peer in peers {
      try Task.checkCancellation()
      do {
        let report = try await service.compare(with: peer, repairs: repairs) { comparison in
          each(["progress": .object([.init("peer", .string("\(peer)"))] + comparison.members)])
        }
        links.append(document(peer, report, policy))
      } catch let error as ComparisonError {
        links.append([
          "peer": .string("\(peer)"), "state": "not_compared", "reason": .string(error.code),
        ])
      }
    }
    each(["links": .array(links)])
  }

  private func document(
    _ peer: NodeID, _ report: ComparisonReport, _ policy: CompiledPolicy
  ) -> JSON {
    let result = report.result
    let state = result.different > 0 ? "different" : result.moving > 0 ? "moving" : "equal"
    let records = report.different.map { different -> JSON in
      let ledger = policy.catalog.ledgers.first { $0.id == different.ref.ledger }
      return [
        "ledger": .string(ledger?.name ?? "\(different.ref.ledger)"),
        "key": .string(different.ref.key),
        "fields": .array(
          different.fields.members.map { .string(ledger?.name(of: $0) ?? "\($0)") }),
      ]
    }
    return .object(
      [.init("peer", .string("\(peer)")), .init("state", .string(state))] + result.members
        + [.init("records", .array(records))])
  }
}

extension LinkComparison {
  /// The counts as members of a document.
  var members: [JSON.Member] {
    [
      .init("compared", .integer(compared)), .init("equal", .integer(equal)),
      .init("moving", .integer(moving)), .init("different", .integer(different)),
      .init("repaired", .integer(repaired)),
    ]
  }
}
