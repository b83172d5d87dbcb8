import DaemonKit
import Governance
import LabKit
import NodeIdentity
import ReplicationCore
import ReplicationEngine
import SignedFeed

/// Judges every frame that crossed a link, as its sender had it before encryption, by `LeakPolicy` alone.
struct FrameJudge {
  /// By epoch.
  let policies: [Int: LeakPolicy]
  let canaries: Canaries
  let catalog: Catalog
  private let keys: LabKeys

  /// What was found; a line each, without values.
  private(set) var leaks: [String] = []
  private(set) var frames = 0
  private(set) var values = 0

  init(_ tree: RealTree, _ policies: [Int: LeakPolicy], _ canaries: Canaries) throws {
    self.policies = policies
    self.canaries = canaries
    catalog = try Catalog(directory: "\(BuiltPrograms.root)/Config/ledgers")
    keys = try LabKeys(tree.lab)
  }

  /// Judges all that was recorded in a lab.
  mutating func judge(_ lab: Lab) throws {
    for from in lab.plan.nodes {
      for to in lab.plan.nodes {
        let path = LabFrames.file(in: lab.frames, from: from.node, to: to.node)
        guard LocalFile.exists(path) else { continue }
        for frame in try LabFrames.read(path) { try judge(frame, from.node, to.node) }
      }
    }
  }

  private mutating func judge(_ bytes: [UInt8], _ from: NodeID, _ to: NodeID) throws {
    frames += 1
    let found = canaries.found(in: bytes)
    guard case .parcel(let encoded) = try Frame(decoding: bytes) else {
      if !found.isEmpty { leaks.append("\(from) to \(to): a value in a frame that is no parcel") }
      return
    }
    let parcel = try UnverifiedParcel(decoding: encoded).verified(by: keys, authority: keys).parcel
    let epoch = Int(parcel.policyEpoch)
    // Before the first of these policies there was no resident.
    guard let policy = policies[epoch] else {
      if !found.isEmpty {
        leaks.append("\(from) to \(to): a value under the unknown epoch \(epoch)")
      }
      return
    }
    for canary in found where !mayHold(to, canary.field, canary.key, policy) {
      leaks.append(
        "\(from) to \(to), epoch \(epoch): raw bytes of \(canary.field) of \(canary.key)")
    }
    for batch in parcel.evidence {
      for change in batch.changes {
        for write in change.writes where write.field != .alive && write.field != .verified {
          values += 1
          let name = catalog[change.ref.ledger]?.name(of: write.field) ?? "\(write.field)"
          if mayHold(to, name, change.ref.key, policy) { continue }
          leaks.append("\(from) to \(to), epoch \(epoch): \(name) of \(change.ref)")
        }
      }
    }
  }

  private func mayHold(
    _ node: NodeID, _ field: String, _ key: String, _ policy: LeakPolicy
  ) -> Bool {
    canaries.homes[key, default: []].contains { policy.mayHold("\(node)", field, home: $0) }
  }
}

/// The signing keys of a lab's nodes.
private struct LabKeys: KeyDirectory, SignerAuthority {
  private var keys: [Digest: SignerKey] = [:]

  init(_ lab: Lab) throws {
    for node in lab.plan.nodes {
      let folder = lab.identity(of: node.node)
      let identity = try SigningIdentity(
        certificateChainPEM: "\(folder)/signing.pem", keyPEM: "\(folder)/signing.key")
      let signer = try Ed25519Signer(rawRepresentation: identity.privateKey)
      keys[signer.fingerprint] = SignerKey(node: node.node, key: signer.publicKey)
    }
  }

  func key(_ fingerprint: Digest) -> SignerKey? { keys[fingerprint] }
  func admit(_ chain: [[UInt8]]) throws -> SignerKey { throw NoSuchSigner() }
  private struct NoSuchSigner: Error {}
}
