import DaemonKit
import Glibc
import ReplicationCore

extension Lab {
  /// Opens the lab in a directory, or makes its plan from a spec. Nothing is started.
  ///
  /// Throws `lab-other-tree` when the directory holds a lab of other nodes than the spec's.
  package static func make(_ directory: String, spec: String?) throws -> Lab {
    let directory = LocalFile.absolute(directory)
    if LocalFile.exists("\(directory)/lab.json") {
      let lab = try open(directory)
      if let spec { try lab.requireTree(of: try LabSpec.read(spec)) }
      return lab
    }
    let spec = try LabSpec.read(try spec ?? LabSpec.findDefault())
    try LocalFile.makeDirectory(directory)
    let lab = Lab(directory: directory, plan: try plan(spec, directory))
    for path in [lab.logs, lab.identities, "\(directory)/nodes", lab.ledgers] {
      try LocalFile.makeDirectory(path)
    }
    for name in LocalFile.names(in: spec.ledgers) where name.hasSuffix(".yaml") {
      let bytes = try LocalFile.read("\(spec.ledgers)/\(name)")
      try LocalFile.write(bytes, to: "\(lab.ledgers)/\(name)")
    }
    try LocalFile.write(try LocalFile.read(spec.scopes), to: lab.scopes)
    try lab.keepPlan()
    return lab
  }

  private func requireTree(of spec: LabSpec) throws {
    guard Set(spec.nodes.map(\.node)) == Set(plan.nodes.map(\.node)) else {
      throw OperatorError(
        .labOtherTree, ["path": directory, "title": plan.title], status: .usage)
    }
  }

  func keepPlan() throws {
    try LocalFile.write(plan.document.serialised + "\n", to: "\(directory)/lab.json")
  }

  private static func plan(_ spec: LabSpec, _ directory: String) throws -> LabPlan {
    let user = try ClusterUser.choose()
    let isReachable = user.reaches(directory)
    // Room for the longest socket name behind it: 12 digits, a slug of 32, an ending.
    let isShort = directory.utf8.count <= 48
    let sockets =
      isReachable && isShort ? "\(directory)/run" : try makeShortDirectory(for: directory)
    try LocalFile.makeDirectory(sockets)
    let cluster =
      isReachable ? "\(directory)/cluster" : "\(try makeShortDirectory(for: directory))/cluster"
    var ports = LoopbackPorts(seed: hash(of: directory))
    let nodes = spec.nodes.map { node in
      LabPlan.Node(
        node: node.node, name: node.name, tier: node.tier, parent: node.parent,
        listen: ports.take() ?? 0, forward: node.parent == nil ? 0 : ports.take() ?? 0)
    }
    return LabPlan(
      name: spec.name, title: spec.title, residents: spec.residents, sockets: sockets,
      cluster: cluster, nodes: nodes)
  }

  /// The plan with other ports for what somebody else has taken meanwhile. Only for a lab of which nothing runs.
  func withFreePorts() -> Lab {
    var ports = LoopbackPorts(seed: Self.hash(of: directory))
    var plan = plan
    var taken = Set(plan.nodes.flatMap { [$0.listen, $0.forward] })
    func free(_ port: Int) -> Int {
      if port == 0 || LoopbackPorts.isFree(port) { return port }
      while let next = ports.take() {
        if taken.insert(next).inserted { return next }
      }
      return port
    }
    for index in plan.nodes.indices {
      plan.nodes[index].listen = free(plan.nodes[index].listen)
      plan.nodes[index].forward = free(plan.nodes[index].forward)
    }
    return Lab(directory: directory, plan: plan)
  }

  /// A directory of ours under `/tmp` that belongs to this lab only. Throws `directory-not-ours`.
  private static func makeShortDirectory(for directory: String) throws -> String {
    let path = "/tmp/huijia-\(String(hash(of: directory), radix: 36))"
    if mkdir(path, 0o755) == 0 { return path }
    // Somebody else may have put a directory or a link of this name there.
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR,
      status.st_uid == geteuid()
    else { throw OperatorError(.directoryNotOurs, ["path": path], status: .usage) }
    return path
  }

  /// FNV-1a over the path and the user: the same lab always gets the same number.
  private static func hash(of directory: String) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in "\(geteuid()):\(directory)".utf8 {
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
    }
    return hash
  }
}
