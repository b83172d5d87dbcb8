import Governance
import NodeIdentity
import ReplicationEngine
import SignedFeed

/// What the region's own node signs and hands down: its catalog and its policy.
struct RegionDocuments {
  /// To be kept; the newest of each kind is the one in force.
  private(set) var documents: [SignedDocument] = []
  /// Files that are not what was signed last: the signed documents stay in force.
  private(set) var outdated: [String] = []
  private let key: SigningIdentity

  /// Reads and checks the files of the settings, and signs what is new in them beside what was signed before.
  ///
  /// Throws every problem with its place, and when the policy key is not the region's.
  init(_ governance: NodeSettings.Governance, signed: [SignedDocument]) throws {
    key = try SigningIdentity(
      certificateChainPEM: governance.policy.certificate, keyPEM: governance.policy.key)
    let file = try Catalog(directory: governance.catalog)
    let isNew = try take(.catalog, file.epoch, file.document, governance.catalog, signed)
    let kept = signed.last { $0.kind == .catalog }
    let catalog = isNew ? file : try kept.map { try Catalog(document: try $0.content()) } ?? file
    let source = Array(try LocalFile.readText(governance.scopes).utf8)
    let policy = try CompiledPolicy(source, catalog: catalog, file: governance.scopes)
    let later = PolicyCheck.onceEnded(policy, file: governance.scopes)
    if !later.isEmpty { throw Problems(later) }
    _ = try take(.policy, policy.epoch, source, governance.scopes, signed)
  }

  /// Signs what a file says when its epoch is new; whether it is.
  private mutating func take(
    _ kind: SignedDocument.Kind, _ epoch: UInt64, _ content: [UInt8], _ path: String,
    _ signed: [SignedDocument]
  ) throws -> Bool {
    let newest = signed.last { $0.kind == kind }
    if let newest, newest.epoch >= epoch {
      if newest.epoch > epoch {
        outdated.append(
          "\(path) is of epoch \(epoch), and epoch \(newest.epoch) is signed and in force: the file "
            + "was not taken; bring it up to date"
            + (kind == .policy ? " (huijiactl scope show prints the policy in force)" : ""))
      } else if try newest.content() != content {
        outdated.append(
          "\(path) differs from what was signed under its epoch \(epoch): the change was not taken; "
            + "give it a higher epoch")
      }
      return false
    }
    documents.append(try SignedDocument(kind, epoch: epoch, content: content, signedBy: key))
    return true
  }
}

extension SignedDocument {
  /// Reads, checks and signs a policy for the region. Throws every problem with its place.
  static func policy(
    _ source: [UInt8], catalog: Catalog, file: String, for governance: NodeSettings.Governance
  ) throws -> SignedDocument {
    let policy = try CompiledPolicy(source, catalog: catalog, file: file)
    let later = PolicyCheck.onceEnded(policy, file: file)
    if !later.isEmpty { throw Problems(later) }
    let key = try SigningIdentity(
      certificateChainPEM: governance.policy.certificate, keyPEM: governance.policy.key)
    return try SignedDocument(.policy, epoch: policy.epoch, content: source, signedBy: key)
  }
}
