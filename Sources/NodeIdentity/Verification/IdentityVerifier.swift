import Crypto
import FoundationEssentials
package import ReplicationCore
import SwiftASN1
@_spi(DisableValidityCheck) import X509

/// Checks certificate chains against one region's root.
///
/// The library builds the path and checks signatures and constraints (RFC 5280). That a county signs only for its
/// own prefix, which name form goes with which key, and which time counts is checked here.
package struct IdentityVerifier: Sendable {
  /// The most certificates in a chain: leaf, intermediate, and room for the root that some send along.
  package static let maximumChain = 3
  /// The most bytes of one certificate: ours are under 1 KiB.
  package static let maximumCertificateBytes = 8 * 1024

  /// The region's code, as its root names it.
  package let region: DivisionCode
  private let root: Certificate
  private let roots: CertificateStore

  /// Reads the region's root from a PEM file. Throws `wrongPurpose` when it is not an authority's own certificate.
  package init(rootPEM: String) throws(IdentityError) {
    let certificates = try PEM.certificates(inFile: rootPEM)
    guard certificates.count == 1, let root = certificates.first else {
      throw .malformed("\(rootPEM) must hold exactly one certificate")
    }
    try self.init(root: root)
  }

  /// Takes an authority's own certificate as the root.
  package init(authority: CertificateAuthority) throws(IdentityError) {
    try self.init(root: authority.certificate)
  }

  private init(root: Certificate) throws(IdentityError) {
    let name = try root.identityName()
    guard case .authority(let code) = name, root.issuer == root.subject else {
      throw .wrongPurpose(name: name.description, reason: "it is not a region's root")
    }
    region = code
    self.root = root
    roots = CertificateStore([root])
  }

  /// Checks a node's TLS chain (DER, leaf first) and says which node it is.
  ///
  /// `time`, in microseconds since 1970, is the least that the caller knows about the present: the latest of the
  /// system's clock, the program's build and the last heard time. A certificate that begins later is taken as a
  /// newer witness of the present, not as invalid, so that a computer whose clock battery is dead gets through.
  package func link(_ chain: [[UInt8]], at time: Int64) throws(IdentityError) -> NodeID {
    let identity = try verify(chain, for: .link, at: time)
    guard case .node(let node) = identity.name else {
      throw .wrongPurpose(name: identity.name.description, reason: "it is not a node's")
    }
    return node
  }

  /// Checks a feed signer's chain (DER, leaf first, without the root). When it was valid is not judged: a signature
  /// stays good after its certificate has ended, and which indexes a key may sign is the key registry's business.
  package func admit(
    chain: [[UInt8]]
  ) throws(IdentityError) -> (node: NodeID, ed25519PublicKey: [UInt8]) {
    let identity = try verify(chain, for: .feed, at: nil)
    guard case .node(let node) = identity.name, let key = identity.signingKey else {
      throw .wrongPurpose(name: identity.name.description, reason: "it is not a node's signing key")
    }
    return (node, key)
  }

  /// Checks a chain for one purpose. `time` nil judges no time; else see `link(_:at:)`.
  package func verify(
    _ chain: [[UInt8]], for purpose: CertificatePurpose, at time: Int64?
  ) throws(IdentityError) -> VerifiedIdentity {
    let certificates = try Self.parse(chain)
    let path = try path(of: certificates)
    let name = try PathRules.check(path, for: purpose)
    if let time { try PathRules.check(path, at: time) }
    var encoded: [[UInt8]] = []
    for certificate in path { encoded.append(try certificate.encoded()) }
    let key = Curve25519.Signing.PublicKey(path[0].publicKey)
    return VerifiedIdentity(
      name: name, signingKey: key.map { Array($0.rawRepresentation) }, path: encoded,
      validUntil: path.map(\.notValidAfter.microseconds).min() ?? 0)
  }

  /// Whose a chain's leaf says it is, on nobody's word but its own; nil when that cannot be read.
  package static func claimedName(of chain: [[UInt8]]) -> IdentityName? {
    guard let leaf = try? parse(Array(chain.prefix(1))).first else { return nil }
    return try? leaf.identityName()
  }

  private static func parse(_ chain: [[UInt8]]) throws(IdentityError) -> [Certificate] {
    guard !chain.isEmpty, chain.count <= maximumChain else {
      throw .malformed("a chain has 1 to \(maximumChain) certificates, this one has \(chain.count)")
    }
    var certificates: [Certificate] = []
    for (index, bytes) in chain.enumerated() {
      guard bytes.count <= maximumCertificateBytes else {
        throw .malformed("certificate \(index + 1) of the chain has \(bytes.count) bytes")
      }
      do {
        certificates.append(try Certificate(derEncoded: bytes))
      } catch {
        throw .malformed("certificate \(index + 1) of the chain cannot be read")
      }
    }
    return certificates
  }

  /// The path from the leaf to the root, both included, with every signature checked.
  private func path(of certificates: [Certificate]) throws(IdentityError) -> [Certificate] {
    let roots = self.roots
    let leaf = certificates[0]
    let result = InlineExecutor.result {
      // Time is judged in `PathRules`, against the caller's clock.
      var verifier = Verifier(rootCertificates: roots) {
        RFC5280Policy.withValidityCheckDisabled()
      }
      return await verifier.validate(
        leaf: leaf, intermediates: CertificateStore(certificates.dropFirst()))
    }
    switch result {
    case .validCertificate(let path)?:
      return Array(path)
    case .couldNotValidate(let failures)?:
      let reason = failures.first.map { "\($0.policyFailureReason)" }
      throw .notOfThisRegion(
        leaf: Self.label(leaf), reason: reason ?? "no signature leads to the root of \(region)")
    case nil:
      throw .notOfThisRegion(leaf: Self.label(leaf), reason: "the check did not finish")
    }
  }

  private static func label(_ certificate: Certificate) -> String {
    (try? certificate.identityName().description) ?? "an unnamed subject"
  }
}
