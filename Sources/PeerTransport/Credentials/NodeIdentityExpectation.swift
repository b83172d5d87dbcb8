import NodeIdentity
import ReplicationCore

/// Who may be at the other end of a handshake.
enum NodeIdentityExpectation: Sendable {
  /// Any node of the region: the hello that follows says whether it is a child.
  case anyNode
  /// The one that the settings name.
  case only(NodeID)

  func check(_ identity: VerifiedIdentity) throws(IdentityError) {
    guard case .node(let found) = identity.name else {
      throw .wrongPurpose(name: identity.name.description, reason: "it is not a node's")
    }
    if case .only(let node) = self, node != found {
      throw .wrongNode(expected: node, found: found)
    }
  }
}
