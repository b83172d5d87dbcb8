import Governance
import NodeIdentity
import ReplicationEngine
import SignedFeed

/// What the region's own node signs and hands down: its catalog and its policy.
enum RegionDocuments {
  /// Reads, checks and signs both. Throws every problem with its place, and when the policy key is not the region's.
  static func signed(_ governance: NodeSettings.Governance) throws -> [SignedDocument] {
    let key = try SigningIdentity(
      certificateChainPEM: governance.policy.certificate, keyPEM: governance.policy.key)
    let catalog = try Catalog(directory: governance.catalog)
    let source = Array(try LocalFile.readText(governance.scopes).utf8)
    let policy = try CompiledPolicy(source, catalog: catalog, file: governance.scopes)
    return [
      try SignedDocument(
        .catalog, epoch: catalog.epoch, content: catalog.document, signedBy: key),
      try SignedDocument(.policy, epoch: policy.epoch, content: source, signedBy: key),
    ]
  }
}
