package import DaemonKit
import PostgresStore
import ReplicationCore

/// Random writers at every node of a real tree under cuts and kills; then peace, and an account of every acknowledged write.
package struct Torture: Sendable {
  let settings: TortureSettings
  private let say: @Sendable (Phrase) -> Void

  /// Prepares a run; `say` is told what happens.
  package init(_ settings: TortureSettings, say: @escaping @Sendable (Phrase) -> Void) {
    self.settings = settings
    self.say = say
  }

  /// A fresh name under `/tmp`, where every user's programs can reach it.
  package static func newDirectory() -> String {
    "/tmp/huijia-torture-\(UInt32.random(in: 0...UInt32.max))"
  }

  /// Brings the tree up and tortures it. The lab stays up: `Lab.down` is the caller's.
  ///
  /// Throws when the tree does not come up, or is not still in good time after it was healed.
  package func run() async throws -> TortureReport {
    let (lab, report) = try await Lab.up(
      settings.directory, spec: settings.spec, only: settings.nodes, say: say)
    if let problem = report.problems.first { throw problem }
    let running = lab.runningDaemons()
    let world = try TortureWorld(
      lab, nodes: lab.plan.nodes.filter { running[$0.node] != nil }, seed: settings.seed,
      hasRivals: settings.hasRivals)
    say(
      Phrase(
        "种子 \(settings.seed):\(world.nodes.count) 个节点写入 \(Int(settings.seconds)) 秒",
        "seed \(settings.seed): \(world.nodes.count) nodes write for \(Int(settings.seconds)) s"))
    try await write(world)
    let calm = world.journal.now
    let loss = try await lose(world)
    let faults = TortureFaults(world: world)
    try await faults.heal()
    let settled = try await lab.settle(seconds: 180)
    try Interruption.check(lab.directory)
    guard settled.isSettled else {
      for open in settled.open { Outcome.complain(open.serialised) }
      throw OperatorError(.labNotSettled, ["seconds": "180"], status: .checkFailed)
    }
    let still = world.journal.now
    if let table = try loseAtRest(world) {
      say(Phrase("故意破坏:\(table)", "broken on purpose: \(table)"))
    }
    return try await judge(world, writing: calm, settling: still - calm, loss: loss)
  }

  /// All writers and the faults, side by side.
  private func write(_ world: TortureWorld) async throws {
    let end = ContinuousClock().now + .seconds(settings.seconds)
    let writers = try world.nodes.map { try TortureWriter(world, at: $0) }
    let faults = TortureFaults(world: world)
    let pause = settings.pauseMilliseconds
    await withTaskGroup(of: Void.self) { group in
      for writer in writers { group.addTask { await writer.run(until: end, pause: pause) } }
      group.addTask { await faults.run(until: end) }
    }
    try Interruption.check(world.lab.directory)
  }

  private func judge(
    _ world: TortureWorld, writing: Double, settling: Double, loss: String?
  ) async throws -> TortureReport {
    var evidence: [NodeID: TortureEvidence] = [:]
    for node in world.nodes { evidence[node.node] = try await world.evidence(node.node) }
    var checker = TortureChecker(world, evidence)
    checker.check()
    let state = checker.state
    let writes = state.writes.values.joined()
    return TortureReport(
      seed: settings.seed, nodes: world.nodes.count, writing: writing, settling: settling,
      acknowledged: writes.count { $0.isAcknowledged },
      unanswered: writes.count { !$0.isAcknowledged }, refused: state.refused,
      records: state.writes.count, accounted: checker.accounted, kept: checker.kept,
      quarantined: evidence.values.reduce(0) { sum, found in
        sum + found.refused.values.reduce(0) { $0 + $1.count }
      }, longestWait: state.longest.seconds, longestPlace: state.longest.place,
      faults: state.faults, findings: checker.inOrder, troubles: state.troubles,
      loss: loss ?? settings.loss?.rawValue)
  }
}
