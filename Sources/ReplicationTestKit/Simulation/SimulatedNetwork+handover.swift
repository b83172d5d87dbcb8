package import ReplicationCore
package import ReplicationEngine
import SignedFeed

extension SimulatedNetwork {
  /// Tells every node its parent's hand-over key, the root its own: from now on archives are sealed.
  package func tellHandoverKeys() throws {
    for (id, node) in nodes {
      let recipient = self.node(node.replicator.parent ?? id)
      let key = try HandoverKey(
        of: recipient.id, recipient.sealing.publicKey, signedBy: recipient.replicator.signer,
        chain: [])
      try node.store.writeNow { try $0.keepHandoverKey(key) }
    }
  }

  /// A node asks its parent about its archive as the service does, whenever the time of the questions may be; returns whether it asked.
  @discardableResult
  package func inquire(_ id: NodeID) -> Bool {
    let child = node(id)
    guard let parent = child.replicator.parent, isUp(id, parent) else { return false }
    var isAsked = false
    attempt(id) {
      let due = try child.store.readNow { [replicator = child.replicator] tx in
        try replicator.dueQuestions(at: .max, tx)
      }
      guard let inquiry = child.questions.next(due, at: now) else { return }
      isAsked = true
      let rows = child.questions.answered(try answer(inquiry, of: id, at: parent)) ?? []
      trace?("\(id) asked \(inquiry.groups.map(\.ref)), safe \(rows)")
      try child.store.writeNow { try $0.settleArchived(rows) }
    }
    return isAsked
  }

  /// What a node answers to a child.
  package func answer(
    _ inquiry: HandoverInquiry, of child: NodeID, at id: NodeID
  ) throws -> HandoverAnswer {
    let me = node(id)
    let replicator = me.replicator
    let verdict = try me.store.readNow { try replicator.answer(inquiry, of: child, $0) }
    return HandoverAnswer(
      id: inquiry.id, isSafe: me.questions.complete(verdict, of: inquiry, by: child))
  }
}
