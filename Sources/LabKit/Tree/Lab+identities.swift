import DaemonKit
import Governance
import Glibc
import NodeIdentity
import ReplicationCore

extension Lab {
  /// Makes the certificates that are missing: the region's root, an intermediate per county, two certificates per node.
  package func makeIdentities() throws {
    guard let region = plan.nodes.first(where: { $0.parent == nil }) else { return }
    let root = try authority("root", for: region.node.code) {
      try .makeRoot(region: region.node.code, validity: Self.validity)
    }
    let policy = "\(identities)/policy"
    if !LocalFile.exists("\(policy).pem") {
      try certified("\(region.node)") {
        try root.issuePolicySigning(validity: Self.validity)
          .write(chainTo: "\(policy).pem", keyTo: "\(policy).key")
      }
    }
    var counties: [DivisionCode: CertificateAuthority] = [:]
    for node in plan.nodes where node.tier == .county {
      counties[node.node.code] = try authority("\(node.node.code)", for: node.node.code) {
        try root.issueIntermediate(for: node.node.code, validity: Self.validity)
      }
    }
    for node in plan.nodes {
      let county = node.node.code.truncated(to: .county)
      try makeIdentity(of: node.node, by: counties[county] ?? root)
    }
  }

  /// Ten years, from an hour ago: a clock that is set back a little does no harm.
  private static let validity: ValidityPeriod = {
    let now = Int64(time(nil)) - 3_600
    return ValidityPeriod(from: now * 1_000_000, days: 3_650)
  }()

  private func authority(
    _ name: String, for code: DivisionCode, _ make: () throws -> CertificateAuthority
  ) throws -> CertificateAuthority {
    let path = "\(identities)/\(name)"
    return try certified("\(code)") {
      if LocalFile.exists("\(path).pem") {
        return try CertificateAuthority(chainPEM: "\(path).pem", keyPEM: "\(path).key")
      }
      let authority = try make()
      try authority.write(chainTo: "\(path).pem", keyTo: "\(path).key")
      return authority
    }
  }

  private func makeIdentity(of node: NodeID, by authority: CertificateAuthority) throws {
    let folder = identity(of: node)
    try LocalFile.makeDirectory(folder)
    try certified("\(node)") {
      // The chain is written last: a certificate that is there has its key.
      if !LocalFile.exists("\(folder)/tls.pem") {
        try authority.issueTLS(for: node, validity: Self.validity)
          .write(chainTo: "\(folder)/tls.pem", keyTo: "\(folder)/tls.key")
      }
      if !LocalFile.exists("\(folder)/signing.pem") {
        try authority.issueSigning(for: node, validity: Self.validity)
          .write(chainTo: "\(folder)/signing.pem", keyTo: "\(folder)/signing.key")
      }
      _ = try HandoverKeyFile.readOrMake("\(folder)/handover.key")
    }
  }

  private func certified<T>(_ node: String, _ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch let error as IdentityError {
      throw OperatorError(
        .labIdentityFailed, ["node": node, "detail": error.description], status: .usage)
    }
  }
}
