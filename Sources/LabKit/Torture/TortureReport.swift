package import DaemonKit
import Governance
import ReplicationCore

/// What a run did and what the check found.
package struct TortureReport: Sendable {
  package let seed: UInt64
  package let nodes: Int
  /// Seconds of writing and faults, and of healing until all was still.
  package let writing: Double
  package let settling: Double
  package let acknowledged: Int
  package let unanswered: Int
  package let refused: Int
  package let records: Int
  /// Pairs of a written field and a node that may see it.
  package let accounted: Int
  /// Of them those found only in quarantine or hand-over.
  package let kept: Int
  package let quarantined: Int
  package let longestWait: Double
  package let longestPlace: String
  /// How often each fault was injected.
  package let faults: [String: Int]
  package let findings: [TortureFinding]
  /// Errors that no application should meet.
  package let troubles: [String]
  /// The loss that was made on purpose; nil: none.
  package let loss: String?

  /// Whether every promise was kept.
  package var isGood: Bool { findings.isEmpty && troubles.isEmpty }

  static func seconds(_ value: Double) -> String { "\((value * 10).rounded() / 10) s" }

  /// The table and the first findings, for people.
  package func text(in language: Language) -> String {
    var table = TextTable(
      [Phrase("项目", "what"), Phrase("数", "figure")].map { $0.text(in: language) },
      alignRight: [1])
    func row(_ chinese: String, _ english: String, _ figure: String) {
      table.add([Phrase(chinese, english).text(in: language), figure])
    }
    row("节点", "nodes", "\(nodes)")
    row("写入阶段", "writing", Self.seconds(writing))
    row("恢复与平静", "healing and settling", Self.seconds(settling))
    row("记录", "records", "\(records)")
    row("已确认的事务", "transactions acknowledged", "\(acknowledged)")
    row("未得答复的提交", "commits not answered", "\(unanswered)")
    row("当场拒绝", "refused at once by scope", "\(refused)")
    row("核对(字段 × 节点)", "accounted (fields × nodes)", "\(accounted)")
    row("其中在隔离或移交中", "of them in quarantine or hand-over", "\(kept)")
    row("被隔离的变更", "changes quarantined", "\(quarantined)")
    row("应用最长等待", "longest wait of an application", "\(Int(longestWait * 1_000)) ms")
    for (fault, count) in faults.sorted(by: { $0.key < $1.key }) {
      row("故障:\(fault)", "fault: \(fault)", "\(count)")
    }
    for kind in TortureFinding.Kind.allCases {
      let count = findings.count { $0.kind == kind }
      if count > 0 { row("发现:\(kind.rawValue)", "found: \(kind.rawValue)", "\(count)") }
    }
    var lines = ["seed \(seed)", table.text]
    if let loss { lines.append("lost on purpose: \(loss)") }
    for finding in findings.prefix(4) { lines += finding.lines }
    var named: Set<String> = []
    for finding in findings.dropFirst(4) where named.count < 20 {
      let place = "\(finding.kind.rawValue) \(finding.ledger) \(finding.key)"
      if named.insert(place).inserted { lines.append("also \(place) \(finding.field)") }
    }
    lines += troubles.prefix(5)
    return lines.joined(separator: "\n")
  }
}
