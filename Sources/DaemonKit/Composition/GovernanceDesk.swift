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
    /// What is stored, by epoch; compiled when it is asked for.
    var documents: [UInt64: SignedDocument] = [:]
    /// Nil: it cannot be understood here.
    var policies: [UInt64: CompiledPolicy?] = [:]
    var current: CompiledPolicy?
    /// Of former epochs, newest first: a former policy may name what the catalog of today has no more.
    var catalogs: [Catalog] = []
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
    state.withLock { state -> CompiledPolicy? in
      if let known = state.policies[epoch] { return known }
      guard let document = state.documents[epoch] else { return nil }
      let compiled = Self.compile(document, with: state.catalogs)
      state.policies[epoch] = .some(compiled)
      return compiled
    }.map { WithheldMasks($0) }
  }

  func epochs(after epoch: UInt64) -> [UInt64] {
    state.withLock { $0.documents.keys.filter { $0 > epoch }.sorted() }
  }

  func check(_ document: SignedDocument) throws { try document.check(verifier) }

  func areSame(_ a: SignedDocument, _ b: SignedDocument) -> Bool {
    if a.body == b.body { return true }
    guard let a = try? a.content(), let b = try? b.content() else { return false }
    return a == b
  }

  func shelve(_ documents: [SignedDocument]) {
    state.withLock { state in
      for document in documents where document.kind == .policy {
        if state.documents[document.epoch] == nil { state.policies[document.epoch] = nil }
        state.documents[document.epoch] = document
      }
    }
  }

  func candidate(_ source: [UInt8]) throws -> any ViewPolicy {
    guard let catalog = current?.catalog else { throw PlanFailure.noPolicy }
    // The region has checked it: what it means is not checked again.
    let document = try ScopeDocument(source, catalog: catalog)
    return WithheldMasks(CompiledPolicy(bytes: source, document: document, catalog: catalog))
  }

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
    let (stored, catalogs) = try await store.read {
      (try $0.documents(.policy), try $0.documents(.catalog))
    }
    try install(policy.catalog, policy)
    store.use(policy.catalog)
    shelve(stored)
    let former = catalogs.reversed().compactMap { try? Catalog(document: try $0.content()) }
    state.withLock { state in
      state.catalogs = former
      // Another catalog may make sense of what could not be understood.
      state.policies = state.policies.filter { $0.value != nil }
      state.policies[policy.epoch] = policy
      state.current = policy
    }
    return makeEngine(policy, self)
  }

  /// A former policy with the newest catalog that it fits; nil when it fits none.
  ///
  /// It was checked when it was signed: path closure is not checked again.
  private static func compile(
    _ document: SignedDocument, with catalogs: [Catalog]
  ) -> CompiledPolicy? {
    guard let bytes = try? document.content() else { return nil }
    for catalog in catalogs {
      if let read = try? ScopeDocument(bytes, catalog: catalog) {
        return CompiledPolicy(bytes: bytes, document: read, catalog: catalog)
      }
    }
    return nil
  }
}
