import DaemonKit
import NodeIdentity
import ReplicationCore
import Testing

/// `huijiad --check` reads certificates as a peer would.
@Suite("Certificates in a node's settings")
struct CertificateCheckTests {
  private static let today: Int64 = 1_767_225_600_000_000
  private static let day: Int64 = 86_400_000_000
  private static let validity = ValidityPeriod(from: today, days: 90)
  private let scratch: Scratch
  private let root: CertificateAuthority

  init() throws {
    scratch = try Scratch()
    root = try .makeRoot(
      region: #require(DivisionCode("450000000000")), validity: Self.validity)
    try root.write(chainTo: scratch.path("root.pem"), keyTo: scratch.path("root.key"))
    try issue("450103001005", as: "own", by: root)
  }

  /// Writes a node's two certificates and keys.
  private func issue(_ node: String, as name: String, by authority: CertificateAuthority) throws {
    let node = try #require(NodeID(node))
    try authority.issueTLS(for: node, validity: Self.validity)
      .write(chainTo: scratch.path("\(name)-tls.pem"), keyTo: scratch.path("\(name)-tls.key"))
    try authority.issueSigning(for: node, validity: Self.validity)
      .write(chainTo: scratch.path("\(name)-sign.pem"), keyTo: scratch.path("\(name)-sign.key"))
  }

  /// What is wrong with settings that name these files, each beginning with its line.
  private func problems(
    tls: (String, String) = ("own-tls.pem", "own-tls.key"),
    signing: (String, String) = ("own-sign.pem", "own-sign.key"), root: String = "root.pem",
    at time: Int64 = today
  ) throws -> [String] {
    let text = """
      node: "450103001005"
      name: 新竹社区居委会
      parent: {node: "450103001000", address: "127.0.0.1:7301"}
      state_directory: state
      identity:
        root: \(root)
        tls: {certificate: \(tls.0), key: \(tls.1)}
        signing: {certificate: \(signing.0), key: \(signing.1)}
      """
    do {
      _ = try NodeSettings.parse(
        text, file: "n", directory: scratch.path(""), judgingAt: time)
      return []
    } catch let error as ConfigError {
      return error.problems.map { $0.text(in: .english) }
    }
  }

  @Test("Good ones are no problem")
  func good() throws { #expect(try problems() == []) }

  @Test("An ended certificate is named with its line and since when")
  func ended() throws {
    let found = try problems(at: Self.today + 93 * Self.day)
    #expect(found.count == 2)
    #expect(found.first?.hasPrefix("n:7: identity.tls: the certificate has ended (") == true)
    #expect(found.first?.contains("ended 3 days ago") == true)
    #expect(found.last?.hasPrefix("n:8: identity.signing: the certificate has ended (") == true)
  }

  @Test("A key of another certificate, and a certificate for something else")
  func mixedUp() throws {
    try issue("450103001006", as: "other", by: root)
    let keys = try problems(
      tls: ("own-tls.pem", "other-tls.key"), signing: ("own-sign.pem", "other-sign.key"))
    #expect(keys.count == 2)
    #expect(keys.allSatisfy { $0.contains("belongs to another certificate") })
    let swapped = try problems(
      tls: ("own-sign.pem", "own-sign.key"), signing: ("own-tls.pem", "own-tls.key"))
    #expect(swapped.count == 2)
    #expect(swapped.first?.hasPrefix("n:7: identity.tls: ") == true)
  }

  @Test("A certificate of another node")
  func anotherNode() throws {
    try issue("450103001006", as: "other", by: root)
    let found = try problems(
      tls: ("other-tls.pem", "other-tls.key"), signing: ("other-sign.pem", "other-sign.key"))
    #expect(found.count == 2)
    #expect(found.allSatisfy { $0.contains("node 450103001006") })
    #expect(found.allSatisfy { $0.contains("node 450103001005 needs one of its own") })
  }

  @Test("A certificate of another region, and a root that is none")
  func foreign() throws {
    let foreign = try CertificateAuthority.makeRoot(
      region: #require(DivisionCode("450000000000")), validity: Self.validity)
    try issue("450103001005", as: "foreign", by: foreign)
    let found = try problems(tls: ("foreign-tls.pem", "foreign-tls.key"))
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("n:7: identity.tls: the certificate is not of this") == true)
    let rootless = try problems(root: "own-tls.pem")
    #expect(rootless.count == 1)
    #expect(rootless.first?.hasPrefix("n:6: identity.root: ") == true)
  }
}
