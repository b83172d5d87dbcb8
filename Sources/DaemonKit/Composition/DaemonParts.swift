import ControlAPI
import Governance
import Logging
import NodeIdentity
import PeerTransport
import PostgresStore
import ReplicationCore
import ReplicationEngine
import SignedFeed

/// All that a daemon consists of, made in the order in which each needs the other.
struct DaemonParts: Sendable {
  let settings: NodeSettings
  let service: NodeService
  let control: ControlServer
  let localWrites: LocalWriteListener
  let credentials: TransportCredentials
  /// Nil but at the region's own node.
  let endedRules: EndedRules?

  /// Prepares the database, reads the identity, adopts what is stored. Throws when a part cannot be made.
  init(_ settings: NodeSettings, _ database: DaemonDatabase, _ log: Logger) async throws {
    self.settings = settings
    let installer = {
      @Sendable () throws in
      try Installer(
        conninfo: database.conninfo, applicationRole: database.applicationRole)
    }
    try installer().prepare(node: settings.node)
    let identity = settings.identity
    let credentials = try TransportCredentials(
      certificateChainPEM: identity.tls.certificate, keyPEM: identity.tls.key,
      rootPEM: identity.root)
    let signing = try SigningIdentity(
      certificateChainPEM: identity.signing.certificate, keyPEM: identity.signing.key)
    guard credentials.node == settings.node, signing.node == settings.node else {
      throw OperatorError(
        .certificateOfAnother,
        ["node": "\(settings.node)", "found": "\(credentials.node)"], status: .usage)
    }
    let signer = try Ed25519Signer(rawRepresentation: signing.privateKey)
    let store = PostgresStore(conninfo: database.conninfo, clockOffset: LabClock.offset)
    let signers = SignerCache(authority: RegionSigners(verifier: credentials.verifier))
    let governance = GovernanceDesk(
      node: settings.node, verifier: credentials.verifier, store: store,
      install: { catalog, policy in
        try installer().adopt(catalog, policy, for: settings.node)
      },
      makeEngine: { policy, shelf in
        ReplicatorEngine(
          Replicator(
            node: settings.node, parent: settings.parent?.node, signer: signer,
            policy: WithheldMasks(policy),
            policies: shelf, ledgers: policy.catalog.ledgers.map(\.id),
            catalogEpoch: policy.catalog.epoch),
          keptEntries: UInt64(settings.limits.feedKeptEntries))
      })
    let signed = try await store.read { try $0.documents() }
    let region = try settings.governance.map { try RegionDocuments($0, signed: signed) }
    let own = SignerRecord(
      fingerprint: signer.fingerprint, node: settings.node, chain: signing.chain)
    let secrets = HandoverSecrets(
      node: settings.node,
      sealing: try SealingIdentity(
        rawRepresentation: HandoverKeyFile.readOrMake(identity.handover)),
      signer: signer, own: own)
    let handoverKey = try secrets.announcement()
    let alarms = (region?.outdated ?? []).map {
      Alarm(.fileOutdated, peer: nil, detail: $0, at: wallClock())
    }
    for alarm in alarms { log.write(.alarm(alarm)) }
    let (stored, known) = try await store.write { tx in
      try tx.keepSigner(own)
      try tx.keepHandoverKey(handoverKey)
      for document in region?.documents ?? [] { try tx.keepDocument(document) }
      for alarm in alarms { try tx.raise(alarm) }
      return (try tx.documents(), try tx.signers())
    }
    signers.load(known)
    let engine = try await governance.adopt(stored)
    let trusted = TrustedTime(system: wallClock, built: BuildTime.microseconds)
    var rules = ReplicationEngine.NodeSettings(
      node: settings.node, parent: settings.parent?.node)
    rules.sealRows = settings.limits.sealRows
    rules.keptArrivals = settings.limits.cameHomeRows
    rules.arrivalAge = .seconds(settings.limits.cameHomeDays * 86_400)
    rules.receiptAge = .seconds(settings.limits.handoverReceiptDays * 86_400)
    let refusedCertificates = CertificateRefusals()
    let minutes = settings.limits.verifyMinutes
    rules.verifyInterval = minutes > 0 ? .seconds(60 * minutes) : nil
    rules.link.intake = settings.limits.intake
    rules.link.windowBytes = UInt64(settings.limits.unacknowledgedBytes)
    self.service = NodeService(
      settings: rules, store: store, engine: engine,
      dialer: settings.parent.map {
        GRPCPeerDialer(
          address: $0.address, parent: $0.node, credentials: credentials, time: trusted.now
        ).recorded(of: settings.node)
      },
      listener: settings.listen.map {
        GRPCPeerListener(
          address: $0, credentials: credentials, time: trusted.now,
          refused: { refused in
            refusedCertificates.add(refused, now: wallClock())
            log.warning("certificate refused", metadata: ["reason": "\(refused.reason)"])
          }
        ).recorded(of: settings.node)
      },
      authority: governance, adoption: governance, signers: signers,
      highWater: HighWaterSlots(
        path: "\(settings.stateDirectory)/high-water", node: settings.node),
      handoverKey: handoverKey, seed: SystemRandomNumberGenerator.seed(), now: wallClock,
      log: { log.write($0) })
    self.credentials = credentials
    let service = self.service
    endedRules = settings.governance.map {
      EndedRules(settings: $0, governance: governance, service: service, log: log)
    }
    localWrites = LocalWriteListener(conninfo: database.conninfo)
    control = try ControlServer(
      socketPath: settings.controlSocket,
      handler: ControlDesk(
        settings: settings, store: store, service: self.service, governance: governance,
        signers: signers, secrets: secrets, refusedCertificates: refusedCertificates,
        now: wallClock))
  }
}

extension SystemRandomNumberGenerator {
  /// A seed for what only has to differ between runs.
  static func seed() -> UInt64 {
    var random = SystemRandomNumberGenerator()
    return random.next()
  }
}
