import NodeIdentity
import PeerLink
import PeerTransport
import ReplicationCore
import Synchronization
import Testing

/// The two ends of a kind of link, as a conformance suite sees them.
struct LinkPair: Sendable {
  let listener: any PeerListener
  /// The dialer; asked for once the listener runs, because only then its address is known.
  let dialer: @Sendable () async throws -> any PeerDialer

  /// Runs the listener with `parent`, and `child` with the dialer; ends the listener when `child` returns.
  func run(
    parent: @escaping @Sendable (any PeerChannel) async -> Void,
    child: @escaping @Sendable (any PeerDialer) async throws -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await listener.run(parent) }
      try await child(dialer())
      group.cancelAll()
    }
  }
}

/// Collects what a test sees on other tasks.
final class Findings<Value: Sendable>: Sendable {
  private let values = Mutex<[Value]>([])

  func add(_ value: Value) { values.withLock { $0.append(value) } }
  var all: [Value] { values.withLock { $0 } }

  /// Waits until there are `count`; false after `limit`.
  func reach(_ count: Int, within limit: Duration = .seconds(20)) async -> Bool {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
      if all.count >= count { return true }
      try? await Task.sleep(for: .milliseconds(5))
    }
    return false
  }
}

extension LinkPair {
  /// A county and a town over gRPC on loopback.
  static func grpc(
    _ region: TestRegion, parent: TransportCredentials, child: TransportCredentials,
    expecting: String? = nil, settings: TransportSettings = TransportSettings(),
    childSettings: TransportSettings? = nil, now: Int64 = TestRegion.today,
    refusals: Findings<IdentityError> = Findings(),
    through forwarder: Forwarder? = nil
  ) throws -> LinkPair {
    let any = try #require(PeerAddress(host: "127.0.0.1", port: 0))
    let listener = GRPCPeerListener(
      address: any, credentials: parent, settings: settings, time: { now },
      refused: { refusals.add($0.reason) })
    let expected = try expecting.map { try #require(NodeID($0)) } ?? parent.node
    return LinkPair(listener: listener) {
      var port = try await listener.port
      if let forwarder { port = try forwarder.start(to: port) }
      let address = try #require(PeerAddress(host: "127.0.0.1", port: port))
      return GRPCPeerDialer(
        address: address, parent: expected, credentials: child,
        settings: childSettings ?? settings, time: { now })
    }
  }

  /// A county and a town of one region, all in order.
  static func usual(
    _ region: TestRegion, settings: TransportSettings = TransportSettings(),
    childSettings: TransportSettings? = nil, through forwarder: Forwarder? = nil
  ) throws -> LinkPair {
    let county = try region.authority("450103000000")
    return try grpc(
      region, parent: region.credentials("450103000000", from: county),
      child: region.credentials("450103001000", from: county), settings: settings,
      childSettings: childSettings, through: forwarder)
  }
}
