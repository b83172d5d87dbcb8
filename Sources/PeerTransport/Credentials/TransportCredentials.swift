import GRPCNIOTransportHTTP2Posix
package import NodeIdentity
package import ReplicationCore
import Synchronization

/// What one end of a link shows and demands: its certificate and key, and the region's root.
///
/// Files are named, not held open: `reload()` takes renewed ones, and the next handshake shows them.
package final class TransportCredentials: Sendable {
  /// The node that the certificate names.
  package let node: NodeID
  /// Checks the other end's chain.
  package let verifier: IdentityVerifier

  private let chainPath: String
  private let keyPath: String
  private let current: Mutex<LinkCertificate>

  /// Reads PEM files: the TLS chain (leaf first, without the root), its key, and the region's root.
  ///
  /// Throws `IdentityError` when a file is unreadable, the key does not fit, or the chain does not lead to the root.
  /// That the own certificate has ended is no error here: the other end says so, and renewal needs the link.
  package init(
    certificateChainPEM: String, keyPEM: String, rootPEM: String
  ) throws(IdentityError) {
    let verifier = try IdentityVerifier(rootPEM: rootPEM)
    let certificate = try LinkCertificate(chainPEM: certificateChainPEM, keyPEM: keyPEM)
    let identity = try verifier.verify(certificate.chain, for: .link, at: nil)
    guard case .node(let node) = identity.name else {
      throw .wrongPurpose(name: identity.name.description, reason: "it is not a node's")
    }
    self.node = node
    self.verifier = verifier
    chainPath = certificateChainPEM
    keyPath = keyPEM
    current = Mutex(certificate)
  }

  private init(_ other: TransportCredentials, verifier: IdentityVerifier) {
    node = other.node
    self.verifier = verifier
    chainPath = other.chainPath
    keyPath = other.keyPath
    current = Mutex(other.certificate)
  }

  /// The same certificate, judging others by another root: for a region that changes its root, node by node.
  package func accepting(_ verifier: IdentityVerifier) -> TransportCredentials {
    TransportCredentials(self, verifier: verifier)
  }

  /// Reads chain and key again. Throws, and keeps the old ones, when the new ones cannot be used or name another node.
  package func reload() throws(IdentityError) {
    let certificate = try LinkCertificate(chainPEM: chainPath, keyPEM: keyPath)
    let identity = try verifier.verify(certificate.chain, for: .link, at: nil)
    guard case .node(let found) = identity.name, found == node else {
      throw .wrongPurpose(name: identity.name.description, reason: "this node is \(node)")
    }
    current.withLock { $0 = certificate }
  }

  var certificate: LinkCertificate { current.withLock { $0 } }
}
