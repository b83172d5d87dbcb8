import DaemonKit
import Governance
package import ReplicationCore

/// Loads synthetic records into a node's database, as an application would: with COPY, in transactions of 500 rows.
package struct RecordLoad: Sendable {
  package let lab: Lab
  package let node: LabPlan.Node
  package let ledger: String
  package let rows: Int
  package let seed: UInt64

  /// Prepares a load; the same seed gives the same records.
  package init(_ lab: Lab, at node: LabPlan.Node, ledger: String, rows: Int, seed: UInt64) {
    self.lab = lab
    self.node = node
    self.ledger = ledger
    self.rows = rows
    self.seed = seed
  }

  /// Rows of one transaction.
  package static let chunk = 500

  /// The homes that records get in turn: the villages at or below the node, or below the division that a department serves.
  package var homes: [DivisionCode] {
    let top = node.tier == .department ? node.parent ?? node.node : node.node
    return lab.subtree(of: top).filter { $0.tier == .village }.map(\.node.code)
  }

  /// Loads; `progress` hears how many rows are committed after each transaction. Throws `lab-load-failed`, `lab-no-home`, `lab-interrupted`.
  package func run(progress: (Int) throws -> Void) throws {
    let homes = homes
    guard !homes.isEmpty else {
      throw OperatorError(.labNoHome, ["node": "\(node.node)"], status: .usage)
    }
    let psql = try RunningProgram(try LabDatabase(lab, node).program)
    var done = 0
    // The person for whom the load writes shows in `huijia.trace`.
    guard psql.ask(Array("SET huijia.actor = 'huijia-lab load';\n".utf8), lines: 1) else {
      throw failure(psql, done)
    }
    do {
      for (index, home) in homes.enumerated() {
        let share = rows / homes.count + (index < rows % homes.count ? 1 : 0)
        guard share > 0 else { continue }
        let records = try SampleRecords(ledger: ledger, home: home, count: share, seed: seed)
        for chunk in records {
          try Interruption.check(lab.directory)
          guard psql.ask(chunk.copy, lines: 1) else { throw failure(psql, done) }
          done += chunk.count
          try progress(done)
        }
      }
    } catch {
      psql.closeInput()
      _ = psql.finish()
      throw error
    }
    guard psql.finish().status == 0 else { throw failure(psql, done) }
  }

  private func failure(_ psql: RunningProgram, _ done: Int) -> OperatorError {
    let values = [
      "node": "\(node.node)", "ledger": ledger, "done": "\(done)", "detail": psql.finish().detail,
    ]
    return OperatorError(.labLoadFailed, values, status: .checkFailed)
  }
}
