import FoundationEssentials
import NodeIdentity
import PeerLink
import PeerTransport
import ReplicationCore
import ReplicationTestKit
import Testing

/// Links over gRPC and mutual TLS on loopback, certificates and all; a child's frames can be meddled with before they are sent.
final class WiredNetwork: Sendable {
  private static let today: Int64 = 1_767_225_600_000_000
  private let directory: String
  private let credentials: [NodeID: TransportCredentials]
  private let listeners: [NodeID: GRPCPeerListener]
  /// What listeners of this network did not accept.
  let refused = CertificateRefusals()

  /// Makes certificates for these nodes, of one region; those of `ended` were good for a day, three days ago.
  init(_ nodes: [NodeID], ended: Set<NodeID> = []) throws {
    let random = UInt64.random(in: 0...UInt64.max)
    let directory = "/tmp/huijia-test-\(String(random, radix: 16))"
    self.directory = directory
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    let validity = ValidityPeriod(from: Self.today, days: 90)
    let region = try #require(DivisionCode("450000000000"))
    let root = try CertificateAuthority.makeRoot(region: region, validity: validity)
    let rootPath = "\(directory)/root.pem"
    try root.write(chainTo: rootPath, keyTo: "\(directory)/root.key")
    var credentials: [NodeID: TransportCredentials] = [:]
    var listeners: [NodeID: GRPCPeerListener] = [:]
    for node in nodes {
      let (chain, key) = ("\(directory)/\(node).pem", "\(directory)/\(node).key")
      let past = ValidityPeriod(from: Self.today - 4 * 86_400_000_000, days: 1)
      try root.issueTLS(for: node, validity: ended.contains(node) ? past : validity).write(
        chainTo: chain, keyTo: key)
      let own = try TransportCredentials(
        certificateChainPEM: chain, keyPEM: key, rootPEM: rootPath)
      credentials[node] = own
      listeners[node] = GRPCPeerListener(
        address: try #require(PeerAddress(host: "127.0.0.1", port: 0)), credentials: own,
        time: { Self.today }, refused: { [refused] in refused.add($0, now: Self.today) })
    }
    self.credentials = credentials
    self.listeners = listeners
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  /// The listener of a node; nil for one that was not named at the start.
  func listener(of node: NodeID) -> (any PeerListener)? { listeners[node] }

  /// The dialer of a child, whose every frame has a fate.
  func dialer(of child: NodeID, to parent: NodeID, faults: FrameFaults) -> (any PeerDialer)? {
    guard let listener = listeners[parent], let own = credentials[child] else { return nil }
    // A hostile child keeps no limit of ours.
    var settings = TransportSettings()
    settings.maximumFrameBytes = 4 << 20
    let limits = settings
    return MeddlingDialer(faults: faults) {
      guard let address = PeerAddress(host: "127.0.0.1", port: try await listener.port) else {
        throw PeerLinkError.unreachable("no port")
      }
      return GRPCPeerDialer(
        address: address, parent: parent, credentials: own, settings: limits,
        time: { Self.today })
    }
  }
}

/// Dials, and judges each frame that goes up.
private struct MeddlingDialer: PeerDialer {
  let faults: FrameFaults
  let dialer: @Sendable () async throws -> GRPCPeerDialer

  func connect(_ body: @escaping @Sendable (any PeerChannel) async throws -> Void) async throws {
    let faults = faults
    try await dialer().connect { try await body(MeddlingChannel(inner: $0, faults: faults)) }
  }
}

private struct MeddlingChannel: PeerChannel {
  let inner: any PeerChannel
  let faults: FrameFaults
  var peer: NodeID { inner.peer }

  func send(_ frame: [UInt8]) async throws {
    switch faults.judge(.up, frame) {
    case .deliver: try await inner.send(frame)
    case .replace(let frames): for frame in frames { try await inner.send(frame) }
    case .cut: throw PeerLinkError.unreachable("cut by the test")
    }
  }

  func receive() async throws -> [UInt8]? { try await inner.receive() }
}
