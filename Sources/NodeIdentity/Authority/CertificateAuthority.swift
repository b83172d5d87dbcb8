import Crypto
package import ReplicationCore
import SwiftASN1
import X509

/// A region's root, or an intermediate of a county or a city, with its private key.
///
/// A county holds an intermediate so that it can replace a village's computer while the region cannot be reached.
package struct CertificateAuthority: Sendable {
  /// The division for which this authority signs: itself and everything below.
  package let code: DivisionCode
  let certificate: Certificate
  let key: Certificate.PrivateKey
  /// From this authority upward, without the root: what goes behind a certificate that it issues. Empty at the root.
  let upward: [Certificate]

  /// The authority's own certificate as PEM: for a root, the file that every node of the region trusts.
  package var certificatePEM: String { get throws(IdentityError) { try PEM.text(of: certificate) } }

  /// The private key as PEM text. Keep it offline.
  package var keyPEM: String { get throws(IdentityError) { try PEM.text(of: key) } }

  /// Makes a region's root with a new P-256 key, signed by itself.
  package static func makeRoot(
    region: DivisionCode, validity: ValidityPeriod
  ) throws(IdentityError) -> CertificateAuthority {
    let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
    let name = IdentityName.authority(region)
    let certificate = try CertificateProfile.authority(name, maximumDepth: 1).issue(
      publicKey: key.publicKey, validity: validity, issuer: nil, signedBy: key)
    return CertificateAuthority(code: region, certificate: certificate, key: key, upward: [])
  }

  /// Issues an intermediate for a division inside this authority's own. Throws `foreignPrefix` for one outside.
  package func issueIntermediate(
    for code: DivisionCode, validity: ValidityPeriod
  ) throws(IdentityError) -> CertificateAuthority {
    let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
    let certificate = try issue(
      .authority(.authority(code), maximumDepth: 0), publicKey: key.publicKey, validity: validity)
    return CertificateAuthority(
      code: code, certificate: certificate, key: key, upward: [certificate] + upward)
  }

  /// Issues a node's TLS certificate with a new P-256 key, for both ends of a link.
  package func issueTLS(
    for node: NodeID, validity: ValidityPeriod
  ) throws(IdentityError) -> IssuedIdentity {
    try issued(.tls(.node(node)), key: .init(P256.Signing.PrivateKey()), validity: validity)
  }

  /// Issues a node's signing certificate with a new Ed25519 key, for its feed.
  package func issueSigning(
    for node: NodeID, validity: ValidityPeriod
  ) throws(IdentityError) -> IssuedIdentity {
    try issued(
      .signing(.node(node)), key: .init(Curve25519.Signing.PrivateKey()), validity: validity)
  }

  /// Issues the certificate that signs this region's policy and catalog, with a new Ed25519 key.
  ///
  /// Precondition for its use: verification accepts it from the root only.
  package func issuePolicySigning(validity: ValidityPeriod) throws(IdentityError) -> IssuedIdentity
  {
    try issued(
      .signing(.policy(code)), key: .init(Curve25519.Signing.PrivateKey()), validity: validity)
  }

  private func issued(
    _ profile: CertificateProfile, key: Certificate.PrivateKey, validity: ValidityPeriod
  ) throws(IdentityError) -> IssuedIdentity {
    let leaf = try issue(profile, publicKey: key.publicKey, validity: validity)
    var chain: [[UInt8]] = []
    var text = ""
    for certificate in [leaf] + upward {
      chain.append(try certificate.encoded())
      text += try PEM.text(of: certificate)
    }
    return IssuedIdentity(
      name: profile.name, chain: chain, chainPEM: text, keyPEM: try PEM.text(of: key))
  }

  private func issue(
    _ profile: CertificateProfile, publicKey: Certificate.PublicKey, validity: ValidityPeriod
  ) throws(IdentityError) -> Certificate {
    // Refused here too, not only where it is verified: a slip of the hand should be seen at once.
    guard code.contains(profile.name.code) else {
      throw .foreignPrefix(authority: code, name: profile.name.description)
    }
    return try profile.issue(
      publicKey: publicKey, validity: validity, issuer: certificate, signedBy: key)
  }
}
