import Glibc
import PeerLink
package import ReplicationCore

/// For labs and tests only: keeps every frame that a daemon sends, as it is before encryption, so that another program can judge
/// what crosses each link. Such a file holds values of records: only its owner may read it, and the daemon says so when it starts.
package enum LabFrames {
  /// The variable that names the folder; unset: nothing is kept.
  package static let variable = "HUIJIA_LAB_FRAMES"

  static let folder: String? = ProcessEnvironment[variable]

  /// The file of what one node sends to another: for each frame its length, four bytes with the lowest first, and its bytes.
  package static func file(in folder: String, from node: NodeID, to peer: NodeID) -> String {
    func name(_ node: NodeID) -> String { String("\(node)".map { $0 == "/" ? "_" : $0 }) }
    return "\(folder)/\(name(node))-to-\(name(peer))"
  }

  /// Reads a file of frames; a last one that is not whole is left out. Throws when there is no such file.
  package static func read(_ path: String) throws -> [[UInt8]] {
    let bytes = try LocalFile.read(path)
    var frames: [[UInt8]] = []
    var at = 0
    while at + 4 <= bytes.count {
      let count = (0..<4).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
      guard at + 4 + count <= bytes.count else { break }
      frames.append(Array(bytes[(at + 4)..<(at + 4 + count)]))
      at += 4 + count
    }
    return frames
  }
}

/// A channel whose sent frames are kept.
struct RecordedChannel: PeerChannel {
  let channel: any PeerChannel
  let path: String

  init(_ channel: any PeerChannel, of node: NodeID, in folder: String) {
    self.channel = channel
    path = LabFrames.file(in: folder, from: node, to: channel.peer)
  }

  var peer: NodeID { channel.peer }

  func send(_ frame: [UInt8]) async throws {
    // Before it is sent: what the peer has must be on file.
    keep(frame)
    try await channel.send(frame)
  }

  func receive() async throws -> [UInt8]? { try await channel.receive() }

  private func keep(_ frame: [UInt8]) {
    let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard file >= 0 else { return }
    defer { close(file) }
    let bytes = (0..<4).map { UInt8(truncatingIfNeeded: frame.count >> (8 * $0)) } + frame
    _ = write(file, bytes, bytes.count)
  }
}

struct RecordedDialer: PeerDialer {
  let dialer: any PeerDialer
  let node: NodeID
  let folder: String

  func connect(_ body: @escaping @Sendable (any PeerChannel) async throws -> Void) async throws {
    try await dialer.connect { try await body(RecordedChannel($0, of: node, in: folder)) }
  }
}

struct RecordedListener: PeerListener {
  let listener: any PeerListener
  let node: NodeID
  let folder: String

  func run(_ body: @escaping @Sendable (any PeerChannel) async -> Void) async throws {
    try await listener.run { await body(RecordedChannel($0, of: node, in: folder)) }
  }
}

extension PeerDialer {
  /// The dialer itself, unless a lab wants to see what is sent.
  func recorded(of node: NodeID) -> any PeerDialer {
    LabFrames.folder.map { RecordedDialer(dialer: self, node: node, folder: $0) } ?? self
  }
}

extension PeerListener {
  /// The listener itself, unless a lab wants to see what is sent.
  func recorded(of node: NodeID) -> any PeerListener {
    LabFrames.folder.map { RecordedListener(listener: self, node: node, folder: $0) } ?? self
  }
}
