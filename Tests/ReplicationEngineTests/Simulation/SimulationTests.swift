import Glibc
import ReplicationTestKit
import Testing

/// Random histories over the real replicator: `HUIJIA_SEEDS=first..last` chooses, else `HUIJIA_SIMULATION_SEEDS` counts.
@Suite struct SimulationTests {
  @Test("random histories converge, lose nothing and leak nothing")
  func randomHistories() {
    let range = Self.seeds
    var kinds: [String: (count: Int, first: UInt64, detail: String)] = [:]
    var repaired: [UInt64] = []
    for seed in range {
      var simulation = Simulation(seed: seed, options: Self.options)
      if Self.variable("HUIJIA_TRACE") != nil { simulation.network.trace = { print($0) } }
      let faults = simulation.run()
      if simulation.isRepaired { repaired.append(seed) }
      guard let fault = faults.first else { continue }
      let known = kinds[fault.kind]
      kinds[fault.kind] = (
        (known?.count ?? 0) + 1, known?.first ?? seed, known?.detail ?? fault.detail
      )
    }
    // Known to be open in the rules, and closed by the repair; more of it would be a new fault.
    #expect(repaired.count <= range.count / 300 + 1, "repaired: \(repaired)")
    for (kind, found) in kinds.sorted(by: { $0.key < $1.key }) {
      let again = "HUIJIA_SEEDS=\(found.first)..\(found.first)"
      Issue.record(
        "\(kind) in \(found.count) of \(range.count) seeds, first \(again): \(found.detail)")
    }
  }

  private static var options: SimulationOptions {
    var options = SimulationOptions()
    if let steps = variable("HUIJIA_STEPS").flatMap({ Int($0) }) { options.steps = steps }
    let off = variable("HUIJIA_WITHOUT") ?? ""
    if off.contains("policies") { options.policies = false }
    if off.contains("gates") { options.gates = false }
    if off.contains("restores") { options.restores = false }
    if off.contains("crashes") { options.crashes = false }
    if off.contains("busy") { options.busyRows = false }
    if off.contains("trims") { options.trims = false }
    return options
  }

  private static var seeds: ClosedRange<UInt64> {
    let words = variable("HUIJIA_SEEDS")?.split(separator: ".") ?? []
    if let first = words.first.flatMap({ UInt64($0) }),
      let last = words.last.flatMap({ UInt64($0) })
    {
      return first...max(first, last)
    }
    let count = variable("HUIJIA_SIMULATION_SEEDS").flatMap { UInt64($0) } ?? 200
    return 1...max(1, count)
  }

  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
