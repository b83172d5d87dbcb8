import Glibc
import NodeIdentity
import ReplicationCore
import Testing
import X509

@Suite("Certificates") struct IdentityTests {
  let region: TestRegion
  let verifier: IdentityVerifier

  init() throws {
    region = try TestRegion()
    verifier = try IdentityVerifier(rootPEM: region.rootPath)
  }

  func node(_ text: String) throws -> NodeID { try #require(NodeID(text)) }

  @Test(arguments: [
    "huijia://n450103001005/", "huijia://n450103000000.civil-affairs/",
    "huijia://ca450103000000/", "huijia://policy450000000000/",
  ])
  func `a name is read as it is written`(_ uri: String) throws {
    #expect(try #require(IdentityName(uri: uri)).uri == uri)
  }

  @Test(arguments: [
    "huijia://n450103001005", "huijia://n45010300100/", "huijia://n4501030010055/",
    "huijia://n450103001005./", "huijia://n450103001005.A/", "huijia://n450103001005/x/",
    "https://n450103001005/", "huijia://x450103001005/", "huijia:///", "huijia://", "",
    "huijia://ca450103000000.x/", "huijia://n450103001005@ca450000000000/",
  ])
  func `a name that only looks alike is none`(_ uri: String) {
    #expect(IdentityName(uri: uri) == nil)
  }

  @Test func `a signing chain from a county yields node and key`() throws {
    let county = try region.authority("450103000000")
    let issued = try county.issueSigning(
      for: node("450103000000/civil-affairs"), validity: TestRegion.validity)
    let signer = try verifier.admit(chain: issued.chain)
    #expect(try signer.node == node("450103000000/civil-affairs"))
    #expect(signer.ed25519PublicKey.count == 32)
    let paths = (chain: region.path("s.pem"), key: region.path("s.key"))
    try issued.write(chainTo: paths.chain, keyTo: paths.key)
    let read = try SigningIdentity(certificateChainPEM: paths.chain, keyPEM: paths.key)
    #expect(read.publicKey == signer.ed25519PublicKey)
    #expect(read.chain == issued.chain)
    var status = stat()
    #expect(stat(paths.key, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
  }

  @Test func `an old signature's certificate is not judged by time, a link's is`() throws {
    let issued = try region.root.issueSigning(
      for: node("450103001000"), validity: ValidityPeriod(from: 0, days: 1))
    _ = try verifier.admit(chain: issued.chain)
    let tls = try region.root.issueTLS(
      for: node("450103001000"), validity: TestRegion.validity)
    let ended = TestRegion.today + 91 * TestRegion.day
    #expect(try verifier.link(tls.chain, at: TestRegion.today) == node("450103001000"))
    #expect(throws: IdentityError.self) { _ = try verifier.link(tls.chain, at: ended) }
  }

  @Test func `a county that signs for its neighbour is refused by whoever verifies`() throws {
    // The authority's own check is gone round: the neighbour's key, but this county's code in the name.
    let forged = try Forgery.leaf(
      named: "huijia://n450103001000/", by: region.authority("450102000000"), in: region)
    let thrown = #expect(throws: IdentityError.self) {
      _ = try verifier.link(forged, at: TestRegion.today)
    }
    #expect(thrown?.code == "certificate-foreign-prefix")
  }

  @Test func `a village's own certificate cannot sign another`() throws {
    let forged = try Forgery.byLeaf(named: "huijia://n450103001006/", in: region)
    #expect(throws: IdentityError.self) { _ = try verifier.link(forged, at: TestRegion.today) }
  }

  @Test func `only the root signs the policy's key`() throws {
    let policy = try region.root.issuePolicySigning(validity: TestRegion.validity)
    let identity = try verifier.verify(policy.chain, for: .policy, at: nil)
    #expect(identity.name == .policy(verifier.region))
    let county = try region.authority("450103000000").issuePolicySigning(
      validity: TestRegion.validity)
    #expect(throws: IdentityError.self) {
      _ = try verifier.verify(county.chain, for: .policy, at: nil)
    }
    #expect(throws: IdentityError.self) { _ = try verifier.admit(chain: policy.chain) }
  }

  @Test func `another root with the same name is refused`() throws {
    let twin = try TestRegion()
    let issued = try twin.root.issueTLS(
      for: node("450103001000"), validity: TestRegion.validity)
    let thrown = #expect(throws: IdentityError.self) {
      _ = try verifier.link(issued.chain, at: TestRegion.today)
    }
    #expect(thrown?.code == "certificate-foreign-root")
  }

  @Test func `rubbish in place of a chain is malformed`() throws {
    let issued = try region.root.issueTLS(
      for: node("450103001000"), validity: TestRegion.validity)
    let leaf = try #require(issued.chain.first)
    let rubbish: [[[UInt8]]] = [
      [], [[]], [[0x30]], [Array(leaf.dropLast())], Array(repeating: leaf, count: 4),
      [[UInt8](repeating: 0x30, count: 9_000)],
    ]
    for chain in rubbish {
      let thrown = #expect(throws: IdentityError.self) {
        _ = try verifier.link(chain, at: TestRegion.today)
      }
      #expect(thrown?.code == "certificate-malformed")
    }
    for position in stride(from: 0, to: leaf.count, by: 3) {
      var broken = leaf
      broken[position] ^= 0x41
      #expect(throws: IdentityError.self) {
        _ = try verifier.link([broken], at: TestRegion.today)
      }
    }
  }

  @Test func `a key of another certificate is told apart`() throws {
    let one = try region.root.issueTLS(for: node("450103001000"), validity: TestRegion.validity)
    let two = try region.root.issueTLS(for: node("450103001000"), validity: TestRegion.validity)
    try one.write(chainTo: region.path("a.pem"), keyTo: region.path("a.key"))
    try two.write(chainTo: region.path("b.pem"), keyTo: region.path("b.key"))
    #expect(throws: IdentityError.self) {
      _ = try LinkCertificate(chainPEM: region.path("a.pem"), keyPEM: region.path("b.key"))
    }
  }

  @Test func `an authority is read back from its files and issues`() throws {
    let county = try region.authority("450103000000")
    try county.write(chainTo: region.path("c.pem"), keyTo: region.path("c.key"))
    let read = try CertificateAuthority(
      chainPEM: region.path("c.pem"), keyPEM: region.path("c.key"))
    #expect(read.code == county.code)
    let issued = try read.issueTLS(for: node("450103001005"), validity: TestRegion.validity)
    #expect(try verifier.link(issued.chain, at: TestRegion.today) == node("450103001005"))
  }

  @Test func `time never runs backward for certificates`() {
    let time = TrustedTime(system: { 5 }, built: 10, lastHeard: 7)
    #expect(time.now() == 10)
    time.heard(20)
    time.heard(15)
    #expect(time.now() == 20)
  }
}
