import DaemonKit
import Governance
import ReplicationCore

/// The stage of the story: the lab, its cast, and the person it is about.
struct DemoScene: Sendable {
  let lab: Lab
  let cast: DemoCast

  /// The key of the new resident of the story: always the same.
  static let person = "0190a0b0-0000-7000-8000-00000000c0de"
  var person: String { Self.person }

  func database(_ node: LabPlan.Node) throws -> LabDatabase { try LabDatabase(lab, node) }

  /// Waits until everything has arrived; throws when it does not.
  @discardableResult
  func settle(_ seconds: Double = 60) async throws -> Double {
    let clock = ContinuousClock()
    let began = clock.now
    let report = try await lab.settle(seconds: seconds)
    try Interruption.check(lab.directory)
    guard report.isSettled else {
      for open in report.open { Outcome.complain(open.serialised) }
      throw OperatorError(.labNotSettled, ["seconds": "\(seconds)"], status: .checkFailed)
    }
    return (clock.now - began) / .seconds(1)
  }

  /// Runs a write at one node and measures until a query has a row at others. Times in seconds, in the order of `watchers`.
  func measure(
    _ sql: String, at node: LabPlan.Node, until query: String, at watchers: [LabPlan.Node]
  ) throws -> [Double] {
    let waits = try watchers.map { try database($0).wait(until: query, seconds: 20) }
    var moment = 0.0
    var failure: (any Error)?
    do {
      moment = try database(node).moment(after: sql)
    } catch {
      failure = error
    }
    // Every wait is ended, also when the write was refused.
    let ends = waits.map { wait in Result { try wait.finish() } }
    if let failure { throw failure }
    return try ends.map { max(0, try $0.get() - moment) }
  }

  /// A count and a fingerprint of a village's records, to compare nodes by.
  func fingerprint(of home: LabPlan.Node, at node: LabPlan.Node) throws -> String {
    let row = try database(node).run(
      """
      SELECT count(*), md5(string_agg(concat_ws('|', person_id, name, id_number, sex, birth_date,
        ethnicity, status, subsidy), ',' ORDER BY person_id))
      FROM ledger.resident WHERE home = '\(home.node.code)'
      """)
    return row.first?.joined(separator: " ") ?? ""
  }

  func times(_ nodes: [LabPlan.Node], _ seconds: [Double], _ language: Language) -> String {
    zip(nodes, seconds).map { node, seconds in
      "\(Phrase.word(node.tier.rawValue, in: language)) \(DemoJournal.time(seconds))"
    }.joined(separator: ", ")
  }
}
