import FoundationEssentials
import NodeIdentity
import ReplicationCore
import SwiftASN1
import Testing
import X509

/// Certificates that no authority of ours issues, but somebody with an authority's or a node's key could.
enum Forgery {
  /// A TLS leaf of any name, signed with an authority's real key.
  static func leaf(
    named uri: String, by authority: CertificateAuthority, in region: TestRegion
  ) throws -> [[UInt8]] {
    try authority.write(chainTo: region.path("f.pem"), keyTo: region.path("f.key"))
    return try signed(uri, chain: region.path("f.pem"), key: region.path("f.key"))
  }

  /// A TLS leaf signed with the key of a village's own TLS certificate.
  static func byLeaf(named uri: String, in region: TestRegion) throws -> [[UInt8]] {
    let village = try region.root.issueTLS(
      for: #require(NodeID("450103001005")), validity: TestRegion.validity)
    try village.write(chainTo: region.path("f.pem"), keyTo: region.path("f.key"))
    return try signed(uri, chain: region.path("f.pem"), key: region.path("f.key"))
  }

  private static func signed(_ uri: String, chain: String, key: String) throws -> [[UInt8]] {
    let issuer = try Certificate(pemEncoded: String(contentsOfFile: chain, encoding: .utf8))
    let issuerKey = try Certificate.PrivateKey(
      pemEncoded: String(contentsOfFile: key, encoding: .utf8))
    let start = Date(timeIntervalSince1970: Double(TestRegion.today / 1_000_000))
    let leaf = try Certificate(
      version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: issuerKey.publicKey,
      notValidBefore: start, notValidAfter: start.addingTimeInterval(864_000),
      issuer: issuer.subject, subject: DistinguishedName { CommonName("forged") },
      extensions: Certificate.Extensions {
        Critical(BasicConstraints.notCertificateAuthority)
        Critical(KeyUsage(digitalSignature: true))
        try ExtendedKeyUsage([.serverAuth, .clientAuth])
        SubjectAlternativeNames([.uniformResourceIdentifier(uri)])
      }, issuerPrivateKey: issuerKey)
    return [try leaf.encoded(), try issuer.encoded()]
  }
}
