import FoundationEssentials
import NodeIdentity
import PeerTransport
import ReplicationCore
import Synchronization
import Testing

/// A region of certificates in a directory of its own, removed at the end.
final class TestRegion: Sendable {
  /// When every test happens: 2026-01-01, in microseconds.
  static let today: Int64 = 1_767_225_600_000_000
  static let day: Int64 = 86_400_000_000
  static let validity = ValidityPeriod(from: today, days: 90)

  let directory: String
  let root: CertificateAuthority
  private let serial = Mutex(0)

  init(region: String = "450000000000") throws {
    let random = (0..<12).map { _ in String(UInt8.random(in: 0...255), radix: 16) }.joined()
    directory = "/tmp/huijia-test-\(random)"
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true)
    let code = try #require(DivisionCode(region))
    root = try CertificateAuthority.makeRoot(
      region: code, validity: ValidityPeriod(from: Self.today, days: 3_650))
    try root.write(chainTo: rootPath, keyTo: directory + "/root.key")
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  var rootPath: String { directory + "/root.pem" }

  func path(_ name: String) -> String { directory + "/" + name }

  /// An intermediate of a county.
  func authority(_ code: String) throws -> CertificateAuthority {
    try root.issueIntermediate(for: #require(DivisionCode(code)), validity: Self.validity)
  }

  /// A node's credentials, issued by `issuer` (the root when nil), trusting the root at `trusting` (this region's when nil).
  func credentials(
    _ node: String, from issuer: CertificateAuthority? = nil, trusting: String? = nil,
    validity: ValidityPeriod = validity
  ) throws -> TransportCredentials {
    let id = try #require(NodeID(node))
    let issued = try (issuer ?? root).issueTLS(for: id, validity: validity)
    return try credentials(issued, trusting: trusting)
  }

  /// Credentials of this region whose holder takes `other`'s nodes for its own: what an intruder would build.
  func credentials(
    _ issued: IssuedIdentity, accepting other: TestRegion
  ) throws -> TransportCredentials {
    let own = try credentials(issued)
    return try own.accepting(IdentityVerifier(rootPEM: other.rootPath))
  }

  /// Writes an identity to files and reads it as credentials.
  func credentials(
    _ issued: IssuedIdentity, trusting: String? = nil
  ) throws -> TransportCredentials {
    let number = serial.withLock { value in
      value += 1
      return value
    }
    let chain = path("\(number).pem")
    let key = path("\(number).key")
    try issued.write(chainTo: chain, keyTo: key)
    return try TransportCredentials(
      certificateChainPEM: chain, keyPEM: key, rootPEM: trusting ?? rootPath)
  }
}
