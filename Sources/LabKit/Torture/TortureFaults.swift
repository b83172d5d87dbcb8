import DaemonKit
import Glibc
import PostgresStore
import ReplicationCore
import SeededRandom

/// Cuts links, kills daemons, ends connections; never more than a third of the tree at once.
struct TortureFaults: Sendable {
  let world: TortureWorld

  /// Injects faults until the moment comes, then leaves things as they are.
  func run(until end: ContinuousClock.Instant) async {
    var rng = SplitMix64(seed: world.seed &+ 0xFA17)
    var cut: Set<NodeID> = []
    var dead: Set<NodeID> = []
    let links = world.nodes.filter { node in
      world.nodes.contains { $0.node == node.parent }
    }
    while ContinuousClock().now < end, !Interruption.happened {
      try? await Task.sleep(for: .milliseconds(200 + rng.below(900)))
      do {
        switch rng.below(10) {
        case 0...2 where !links.isEmpty && cut.count * 3 <= links.count:
          let link = rng.pick(links)
          let condition: LinkCondition = rng.isOne(in: 3) ? .silent : .reset
          try world.lab.setLink(link, condition)
          cut.insert(link.node)
          world.journal.noteFault(condition == .silent ? "link silent" : "link cut")
        case 3...5:
          guard !cut.isEmpty else { continue }
          let node = rng.pick(cut.sorted())
          guard let link = links.first(where: { $0.node == node }) else { continue }
          try world.lab.setLink(link, .open)
          cut.remove(node)
        case 6 where dead.count * 4 <= world.nodes.count:
          let node = rng.pick(world.nodes).node
          guard !dead.contains(node) else { continue }
          try world.lab.kill(node)
          dead.insert(node)
          world.journal.noteFault("daemon killed")
        case 7...8:
          guard !dead.isEmpty else { continue }
          let node = rng.pick(dead.sorted())
          try world.lab.start(node)
          dead.remove(node)
        case 9:
          try endConnections(at: rng.pick(world.nodes).node, &rng)
        default: continue
        }
      } catch {
        // A node that just died cannot be killed; nothing else is expected to fail.
        world.journal.noteFault("fault that failed")
      }
    }
  }

  /// Ends the daemon's or an application's connections to a database.
  private func endConnections(at node: NodeID, _ rng: inout SplitMix64) throws {
    let names = world.lab.database(of: node)
    let isDaemon = rng.isOne(in: 2)
    let role = isDaemon ? names.daemonRole : names.applicationRole
    try world.lab.cluster().execute(
      """
      SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
      WHERE datname = '\(names.name)' AND usename = '\(role)'
      """, database: "postgres")
    world.journal.noteFault(isDaemon ? "daemon's connections ended" : "application's ended")
  }

  /// Everything runs and every link passes again.
  func heal() async throws {
    for node in world.nodes {
      if world.nodes.contains(where: { $0.node == node.parent }) {
        try world.lab.setLink(node, .open)
      }
      try world.lab.start(node.node)
    }
    let report = try await world.lab.waitUntilLive(world.nodes, seconds: 60)
    if let problem = report.problems.first { throw problem }
  }
}
