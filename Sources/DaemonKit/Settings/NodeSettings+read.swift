import Governance
import NodeIdentity
import PeerTransport
import ReplicationCore

extension NodeSettings {
  /// Reads `node.yaml`. Throws `ConfigError` with every problem of the file, or `file-unreadable`.
  package static func read(_ path: String) throws -> NodeSettings {
    let path = LocalFile.absolute(path)
    return try parse(
      try LocalFile.readText(path), file: path, directory: LocalFile.parent(of: path))
  }

  /// Reads `node.yaml` and what it names: certificates and keys too, as a peer would judge them now. Throws likewise.
  package static func check(_ path: String) throws {
    let path = LocalFile.absolute(path)
    let now = TrustedTime(system: wallClock, built: BuildTime.microseconds).now()
    _ = try parse(
      try LocalFile.readText(path), file: path, directory: LocalFile.parent(of: path),
      judgingAt: now)
  }

  /// Parses the text of a `node.yaml`; relative paths in it are seen from `directory`.
  ///
  /// `judgingAt`: judges the certificates at this time, microseconds since 1970 UTC; nil: leaves them to who uses them.
  package static func parse(
    _ text: String, file: String, directory: String, judgingAt: Int64? = nil
  ) throws -> NodeSettings {
    let reader = NodeSettingsReader(file: file, directory: directory, judgingAt: judgingAt)
    let settings = reader.read(text)
    try reader.problems.check()
    guard let settings else { throw ConfigError(problems: reader.problems.all) }
    return settings
  }
}

/// Reads one file; what it finds wrong is in `problems`.
struct NodeSettingsReader {
  let problems: ConfigProblems
  let directory: String
  /// When certificates are judged; nil: they are not.
  let judgingAt: Int64?

  init(file: String, directory: String, judgingAt: Int64?) {
    problems = ConfigProblems(file: file)
    self.directory = directory
    self.judgingAt = judgingAt
  }

  static let keys = [
    "node", "name", "tier", "parent", "listen", "state_directory", "control", "database",
    "identity", "governance", "log_level", "limits",
  ]

  func read(_ text: String) -> NodeSettings? {
    guard let map = ConfigMap(text: text, keys: Self.keys, problems: problems) else { return nil }
    let node = nodeID(map, "node")
    let name = map.requiredText("name")?.text
    let tier = tier(map, of: node)
    let parent = parent(map, of: node)
    let listen = map.text("listen").flatMap { peerAddress($0, "listen") }
    let state = map.requiredText("state_directory").map { resolve($0) }
    let control = control(map)
    let database = database(map)
    let identity = identity(map)
    let governance = governance(map, of: node, isRoot: !map.has("parent"))
    if let node, let identity { judge(identity, governance, of: node, in: map) }
    let level = logLevel(map)
    let limits = limits(map)
    guard let node, let name, let tier, let state, let control, let identity else { return nil }
    return NodeSettings(
      node: node, name: name, tier: tier, parent: parent, listen: listen, stateDirectory: state,
      controlSocket: control, database: database, identity: identity, governance: governance,
      logLevel: level, limits: limits)
  }

  private func nodeID(_ map: ConfigMap, _ key: String) -> NodeID? {
    guard let text = map.requiredText(key) else { return nil }
    guard let node = NodeID(text.text) else {
      problems.invalid(
        text, key,
        expected: Phrase(
          "12 位统计用区划代码,部门可加 /slug", "a 12-digit division code, with /slug for a department"))
      return nil
    }
    return node
  }

  /// The tier: as the id says, unless the file says otherwise.
  private func tier(_ map: ConfigMap, of node: NodeID?) -> Tier? {
    guard let text = map.text("tier") else { return node.map { Tier(of: $0) } }
    guard let tier = Tier(rawValue: text.text) else {
      let known = Tier.allCases.map(\.rawValue).joined(separator: ", ")
      problems.invalid(text, "tier", expected: Phrase(known, known))
      return nil
    }
    return tier
  }

  private func parent(_ map: ConfigMap, of node: NodeID?) -> NodeSettings.Parent? {
    let isRegion = node.map { Tier(of: $0) == .region } ?? false
    guard let below = map.map("parent", keys: ["node", "address"]) else {
      if let node, !isRegion, !map.has("parent") {
        problems.add(line: map.line, .parentMissing, ["node": "\(node)"])
      }
      return nil
    }
    let parent = nodeID(below, "node")
    let address = below.requiredText("address").flatMap { peerAddress($0, "parent.address") }
    guard let node, let parent else { return nil }
    if isRegion {
      problems.add(line: below.line, .regionNeedsNoParent, ["node": "\(node)"])
    } else if parent == node || !parent.slug.isEmpty || !parent.code.contains(node.code) {
      problems.add(line: below.line, .parentNotAbove, ["parent": "\(parent)", "node": "\(node)"])
    }
    return address.map { NodeSettings.Parent(node: parent, address: $0) }
  }

  private func peerAddress(_ text: ConfigText, _ key: String) -> PeerAddress? {
    guard let address = PeerAddress(text.text) else {
      problems.invalid(text, key, expected: Phrase("主机:端口", "host:port"))
      return nil
    }
    return address
  }

  private func control(_ map: ConfigMap) -> String? {
    guard let text = map.text("control") else {
      return map.has("control") ? nil : NodeSettings.defaultControlSocket
    }
    let path = resolve(text)
    if path.utf8.count > 107 {
      let values = ["path": path, "bytes": "\(path.utf8.count)"]
      problems.add(line: text.line, .socketPathTooLong, values)
    }
    return path
  }

  func resolve(_ text: ConfigText) -> String { LocalFile.resolve(text.text, from: directory) }
}

extension NodeSettings {
  /// Where an installed daemon's control socket is.
  package static let defaultControlSocket = "/run/huijia/control.sock"
}
