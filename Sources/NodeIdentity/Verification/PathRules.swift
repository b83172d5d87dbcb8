import Crypto
import ReplicationCore
import X509

/// Our own rules about a path (leaf first, root last) whose signatures were already checked.
enum PathRules {
  /// Checks names, prefixes and usages; answers with the leaf's name.
  static func check(
    _ path: [Certificate], for purpose: CertificatePurpose
  ) throws(IdentityError) -> IdentityName {
    let name = try path[0].identityName()
    try check(path[0], named: name, for: purpose)
    if purpose == .policy, path.count != 2 {
      throw .wrongPurpose(name: name.description, reason: "only the root signs a policy's key")
    }
    var below = name
    for issuer in path.dropFirst() {
      let issuerName = try issuer.identityName()
      guard case .authority(let code) = issuerName, signsCertificates(issuer) else {
        throw .wrongPurpose(name: issuerName.description, reason: "it may not sign certificates")
      }
      guard code.contains(below.code) else {
        throw .foreignPrefix(authority: code, name: below.description)
      }
      below = issuerName
    }
    return name
  }

  /// Checks that no certificate of the path has ended at `time` (microseconds since 1970), or at the begin of the youngest.
  static func check(_ path: [Certificate], at time: Int64) throws(IdentityError) {
    let begins = path.map(\.notValidBefore.microseconds).max() ?? time
    let judgedAt = max(time, begins)
    for certificate in path {
      let until = certificate.notValidAfter.microseconds
      guard judgedAt <= until else {
        let name = (try? certificate.identityName().description) ?? "an authority"
        throw .expired(name: name, until: until, judgedAt: judgedAt)
      }
    }
  }

  private static func check(
    _ leaf: Certificate, named name: IdentityName, for purpose: CertificatePurpose
  ) throws(IdentityError) {
    let usages = (try? leaf.extensions.extendedKeyUsage) ?? ExtendedKeyUsage()
    let isEd25519 = Curve25519.Signing.PublicKey(leaf.publicKey) != nil
    switch (purpose, name) {
    case (.link, .node):
      guard usages.contains(.serverAuth), usages.contains(.clientAuth), !isEd25519 else {
        throw .wrongPurpose(name: name.description, reason: "it is not for TLS on both ends")
      }
    case (.feed, .node), (.policy, .policy):
      guard isEd25519, usages.isEmpty else {
        throw .wrongPurpose(name: name.description, reason: "it is not a signing key's")
      }
    case (.link, _), (.feed, _):
      throw .wrongPurpose(name: name.description, reason: "it is not a node's")
    case (.policy, _):
      throw .wrongPurpose(name: name.description, reason: "it is not a policy's")
    }
    guard (try? leaf.extensions.keyUsage)?.digitalSignature == true else {
      throw .wrongPurpose(name: name.description, reason: "its key may not sign")
    }
  }

  private static func signsCertificates(_ certificate: Certificate) -> Bool {
    (try? certificate.extensions.keyUsage)?.keyCertSign == true
  }
}
