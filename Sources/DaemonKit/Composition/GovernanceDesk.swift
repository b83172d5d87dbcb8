import Governance
import NodeIdentity
import PostgresStore
import ReplicationCore
import ReplicationEngine
import SignedFeed
import Synchronization

/// The node's policies and catalog: checks signed documents, compiles them, makes the database ready, and gives the rules.
final class GovernanceDesk: DocumentAuthority, DocumentAdoption, PolicyShelf {
  private struct State {
    var policies: [UInt64: CompiledPolicy] = [:]
    var current: CompiledPolicy?
  }

  private let node: NodeID
  private let verifier: IdentityVerifier
  private let store: PostgresStore
  private let install: @Sendable (Catalog, CompiledPolicy) throws -> Void
  private let makeEngine: @Sendable (CompiledPolicy, GovernanceDesk) -> any LinkEngine
  private let state = Mutex(State())

  /// - Parameters:
  ///   - install: makes the ledgers' tables and writes down the local scope; blocks.
  ///   - makeEngine: the rules under a policy.
  init(
    node: NodeID, verifier: IdentityVerifier, store: PostgresStore,
    install: @escaping @Sendable (Catalog, CompiledPolicy) throws -> Void,
    makeEngine: @escaping @Sendable (CompiledPolicy, GovernanceDesk) -> any LinkEngine
  ) {
    self.node = node
    self.verifier = verifier
    self.store = store
    self.install = install
    self.makeEngine = makeEngine
  }

  /// The policy in force; nil before the first came.
  var current: CompiledPolicy? { state.withLock { $0.current } }

  func policy(_ epoch: UInt64) -> (any SharingPolicy)? {
    state.withLock { $0.policies[epoch] }
  }

  func check(_ document: SignedDocument) throws { try document.check(verifier) }

  func adopt(_ documents: [SignedDocument]) async throws -> (any LinkEngine)? {
    guard let catalogDocument = documents.last(where: { $0.kind == .catalog }),
      let policyDocument = documents.last(where: { $0.kind == .policy })
    else { return nil }
    let policy: CompiledPolicy
    do {
      let catalog = try Catalog(document: try catalogDocument.content())
      policy = try CompiledPolicy(try policyDocument.content(), catalog: catalog)
    } catch let problems as Problems {
      throw LinkRefusal(
        .documentRefused, "the region's documents cannot be understood here: \(problems)",
        position: policyDocument.epoch)
    }
    try install(policy.catalog, policy)
    store.use(policy.catalog)
    state.withLock { state in
      state.policies[policy.epoch] = policy
      state.current = policy
    }
    return makeEngine(policy, self)
  }
}
