import FoundationEssentials
import FuzzKit
import NodeIdentity
import PeerTransport
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
    // The kept ones are of another region: read, and refused.
    try Fuzzer("certificates", samples: samples).run(expecting: .refusals) { bytes, _ in
      var isTaken = false
      for list in [[bytes, chain[1]], [chain[0], bytes], [bytes]] {
        guard let signer = try? verifier.admit(chain: list) else { continue }
        isTaken = true
        #expect(known.contains(bytes) && signer.node == node)
      }
      for list in [[bytes, chain[1]], [tls[0], bytes]] {
        guard let name = try? verifier.link(list, at: TestRegion.today) else { continue }
        isTaken = true
        #expect(known.contains(bytes) && name == node)
      }
      return isTaken && !known.contains(bytes) ? .accepted : .refused
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

  @Test func `no text in an identity's file traps, or names what is secret`() throws {
    let region = try TestRegion()
    let node = try #require(NodeID("450103001005"))
    let county = try region.authority("450103000000")
    let tls = try county.issueTLS(for: node, validity: TestRegion.validity)
    let signing = try county.issueSigning(for: node, validity: TestRegion.validity)
    let handover = region.path("handover.key")
    _ = try HandoverKeyFile.readOrMake(handover)
    let samples = [
      ("tls-chain", tls.chainPEM), ("tls-key", tls.keyPEM), ("signing-chain", signing.chainPEM),
      ("signing-key", signing.keyPEM), ("root", try region.root.certificatePEM),
      ("handover-key", try String(contentsOfFile: handover, encoding: .utf8)),
    ].map { ($0.0, Array($0.1.utf8)) }
    let goodTLS = (chain: region.path("tls.pem"), key: region.path("tls.key"))
    let goodSigning = (chain: region.path("signing.pem"), key: region.path("signing.key"))
    try tls.write(chainTo: goodTLS.chain, keyTo: goodTLS.key)
    try signing.write(chainTo: goodSigning.chain, keyTo: goodSigning.key)
    let words = [
      "-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE-----\n", "-----", "\n", "\r\n", "====",
      "-----BEGIN PRIVATE KEY-----\n", "-----BEGIN EC PRIVATE KEY-----\n",
      "Proc-Type: 4,ENCRYPTED\n",
      "\u{FEFF}", "\0", "MIIB", "AAAA",
    ]
    let path = region.path("mutated")
    try Fuzzer("pem", samples: samples, words: words).run { bytes, _ in
      try Data(bytes).write(to: URL(filePath: path))
      var taken = 0
      func read(_ body: () throws(IdentityError) -> NodeID?) {
        do throws(IdentityError) {
          #expect(try body() ?? node == node)
          taken += 1
        } catch {
          // The longest run of an error's own words is far shorter than a line of key material.
          #expect(!error.description.split(separator: " ").contains { $0.utf8.count > 60 })
        }
      }
      read { () throws(IdentityError) in
        _ = try IdentityVerifier(rootPEM: path)
        return nil
      }
      read { () throws(IdentityError) in
        _ = try HandoverKeyFile.readOrMake(path)
        return nil
      }
      for (chain, key) in [(path, goodTLS.key), (goodTLS.chain, path)] {
        read { () throws(IdentityError) in
          try TransportCredentials(
            certificateChainPEM: chain, keyPEM: key, rootPEM: region.rootPath
          ).node
        }
      }
      for (chain, key) in [(path, goodSigning.key), (goodSigning.chain, path)] {
        read { () throws(IdentityError) in
          try SigningIdentity(certificateChainPEM: chain, keyPEM: key).node
        }
      }
      return taken > 0 ? .accepted : .refused
    }
  }
}
