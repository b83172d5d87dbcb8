import FuzzKit
import NodeIdentity
import ReplicationCore
import Testing

@Suite("Mutated certificates") struct CertificateFuzzTests {
  @Test func `no certificate traps, and none is taken for another's`() throws {
    let region = try TestRegion()
    let verifier = try IdentityVerifier(rootPEM: region.rootPath)
    let county = try region.authority("450103000000")
    let node = try #require(NodeID("450103001005"))
    let chain = try county.issueSigning(for: node, validity: TestRegion.validity).chain
    let tls = try county.issueTLS(for: node, validity: TestRegion.validity).chain
    let samples = [
      ("signing", chain[0]), ("intermediate", chain[1]), ("tls", tls[0]),
    ]
    let known = Set(samples.map(\.1))
    try Fuzzer("certificates", samples: samples).run { bytes, _ in
      for list in [[bytes, chain[1]], [chain[0], bytes], [bytes]] {
        guard let signer = try? verifier.admit(chain: list) else { continue }
        #expect(known.contains(bytes) && signer.node == node)
      }
      for list in [[bytes, chain[1]], [tls[0], bytes]] {
        guard let name = try? verifier.link(list, at: TestRegion.today) else { continue }
        #expect(known.contains(bytes) && name == node)
      }
      return .refused
    }
  }

  @Test func `whatever is read as a name is written again as it was`() throws {
    let uris = [
      "huijia://n450103001005/", "huijia://n450103000000.civil-affairs/",
      "huijia://ca450103000000/",
      "huijia://policy450000000000/",
    ]
    let samples = uris.enumerated().map { ("uri-\($0.offset)", Array($0.element.utf8)) }
    let words = ["huijia://", "/", ".", "n", "ca", "policy", "%00", "@", "450103001005", "４"]
    try Fuzzer("uris", samples: samples, words: words).run { bytes, _ in
      let text = String(decoding: bytes, as: UTF8.self)
      guard let name = IdentityName(uri: text) else { return .refused }
      #expect(name.uri == text)
      return .accepted
    }
  }
}
