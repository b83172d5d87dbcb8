import NodeIdentity
import ReplicationCore

extension NodeSettingsReader {
  /// Judges the certificates as a peer would: chain to the region's root, key, time, purpose, and whose they are. Says of each what is wrong; what is missing was said before.
  func judge(
    _ identity: NodeSettings.Identity, _ governance: NodeSettings.Governance?, of node: NodeID,
    in map: ConfigMap
  ) {
    guard let time = judgingAt, LocalFile.exists(identity.root) else { return }
    guard
      let verifier = taken(
        "identity.root", in: map,
        { () throws(IdentityError) in
          try IdentityVerifier(rootPEM: identity.root)
        })
    else { return }
    judge(identity.tls, "identity.tls", of: .node(node), in: map) { pair throws(IdentityError) in
      let chain = try LinkCertificate(chainPEM: pair.certificate, keyPEM: pair.key).chain
      return try verifier.verify(chain, for: .link, at: time).name
    }
    func signer(
      _ pair: NodeSettings.KeyPair, _ purpose: CertificatePurpose
    ) throws(IdentityError) -> IdentityName {
      let chain = try SigningIdentity(
        certificateChainPEM: pair.certificate, keyPEM: pair.key
      ).chain
      return try verifier.verify(chain, for: purpose, at: time).name
    }
    judge(identity.signing, "identity.signing", of: .node(node), in: map) {
      pair throws(IdentityError) in try signer(pair, .feed)
    }
    if let policy = governance?.policy {
      judge(policy, "governance.policy", of: .policy(node.code), in: map) {
        pair throws(IdentityError) in try signer(pair, .policy)
      }
    }
  }

  private func judge(
    _ pair: NodeSettings.KeyPair, _ key: String, of owner: IdentityName, in map: ConfigMap,
    _ verified: (NodeSettings.KeyPair) throws(IdentityError) -> IdentityName
  ) {
    guard LocalFile.exists(pair.certificate), LocalFile.exists(pair.key) else { return }
    _ = taken(key, in: map) { () throws(IdentityError) in
      let found = try verified(pair)
      guard found != owner else { return }
      throw .wrongPurpose(name: found.description, reason: "\(owner) needs one of its own")
    }
  }

  /// What `body` returns; nil, with a problem, when it throws.
  private func taken<T>(
    _ key: String, in map: ConfigMap, _ body: () throws(IdentityError) -> T
  ) -> T? {
    do throws(IdentityError) {
      return try body()
    } catch {
      let message = Message.named(error.code)
      problems.add(
        line: map.line(of: key), .certificateUnusable,
        [
          "key": key, "whatZh": message?.chinese ?? error.code,
          "whatEn": message?.english ?? error.code, "detail": "\(error)",
        ])
      return nil
    }
  }
}
