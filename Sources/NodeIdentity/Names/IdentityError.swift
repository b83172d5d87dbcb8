package import ReplicationCore

/// Why a certificate, a key or a file of them is not accepted. No case carries key material.
package enum IdentityError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Not a certificate, not a key, or more of them than a chain of ours has.
  case malformed(String)
  /// No path of valid signatures leads to the region's root.
  case notOfThisRegion(leaf: String, reason: String)
  /// The certificate's time is over. Both times are microseconds since 1970, UTC.
  case expired(name: String, until: Int64, judgedAt: Int64)
  /// An authority signed a name outside its own division code.
  case foreignPrefix(authority: DivisionCode, name: String)
  /// A genuine certificate that is not for this: a signing one for TLS, an authority's for a node.
  case wrongPurpose(name: String, reason: String)
  /// A genuine certificate of another node than the one that must be there.
  case wrongNode(expected: NodeID, found: NodeID)
  /// A file could not be read or written.
  case file(path: String, reason: String)

  /// A stable name of the case, for logs and scripts.
  package var code: String {
    switch self {
    case .malformed: "certificate-malformed"
    case .notOfThisRegion: "certificate-foreign-root"
    case .expired: "certificate-expired"
    case .foreignPrefix: "certificate-foreign-prefix"
    case .wrongPurpose: "certificate-wrong-purpose"
    case .wrongNode: "certificate-wrong-node"
    case .file: "certificate-file"
    }
  }

  /// What happened and what to do, in one or two sentences.
  package var description: String {
    switch self {
    case .malformed(let reason):
      "not a usable certificate or key: \(reason)"
    case .notOfThisRegion(let leaf, let reason):
      "the certificate of \(leaf) does not lead to this region's root (\(reason)); "
        + "check that both nodes were enrolled in the same region"
    case .expired(let name, let until, let judgedAt):
      "the certificate of \(name) ended \((judgedAt - until) / 86_400_000_000) days ago; "
        + "renew it, and check this machine's clock"
    case .foreignPrefix(let authority, let name):
      "authority \(authority) signed for \(name), which lies outside its own code; "
        + "the certificate must be issued by that division's own authority or by the region"
    case .wrongPurpose(let name, let reason):
      "the certificate of \(name) is not for this: \(reason)"
    case .wrongNode(let expected, let found):
      "the other end is node \(found), not \(expected); check the address in the settings"
    case .file(let path, let reason):
      "\(path): \(reason)"
    }
  }
}
