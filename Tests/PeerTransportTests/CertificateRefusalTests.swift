import NodeIdentity
import PeerTransport
import ReplicationCore
import Testing

/// What a node remembers of certificates that it refused.
@Suite struct CertificateRefusalTests {
  private func refused(_ node: String, _ reason: String = "x") throws -> RefusedCertificate {
    RefusedCertificate(
      claimed: .node(try #require(NodeID(node))),
      reason: .notOfThisRegion(leaf: node, reason: reason))
  }

  @Test("one that knocks again and again is one entry, with its count and both times")
  func counted() throws {
    let refusals = CertificateRefusals()
    refusals.add(try refused("450103001005"), now: 1)
    refusals.add(try refused("450103001006"), now: 2)
    refusals.add(try refused("450103001005", "again"), now: 3)
    let first = try #require(refusals.all.first)
    #expect(refusals.all.count == 2)
    #expect((first.count, first.firstAt, first.lastAt) == (2, 1, 3))
    #expect(first.certificate == (try refused("450103001005", "again")))
    #expect(!first.certificate.isGenuine)
  }

  @Test("strangers with many names take no more memory than a few, and the latest stay")
  func bounded() throws {
    let refusals = CertificateRefusals()
    for number in 0..<1000 {
      refusals.add(try refused("\(450_103_001_000 + number)"), now: Int64(number))
    }
    #expect(refusals.all.count == CertificateRefusals.limit)
    #expect(refusals.all.first?.lastAt == 999)
    #expect(refusals.all.last?.lastAt == Int64(1000 - CertificateRefusals.limit))
  }
}
