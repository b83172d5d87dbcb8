import ArgumentParser
import DaemonKit
import LabKit

/// `load`: synthetic records.
struct LoadCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "load",
    abstract: "Load realistic synthetic records at a node. 装入模拟数据。",
    discussion: "Records get the villages at or below the node as their homes, in equal shares.")

  @OptionGroup var lab: LabOptions
  @Argument(help: "The node's id.") var node: String
  @Option(help: "The ledger's name.") var ledger: String
  @Option(help: "How many records.") var rows: Int
  @Option(help: "The same seed gives the same records, with the same keys; without it new ones.")
  var seed: UInt64?

  func validate() throws {
    guard rows >= 0 else { throw ValidationError("--rows must not be negative.") }
  }

  func run() async throws {
    let lab = try lab.open()
    let node = try lab.node(node)
    let load = RecordLoad(
      lab, at: node, ledger: ledger, rows: rows, seed: seed ?? UInt64.random(in: 0...UInt64.max))
    let began = ContinuousClock().now
    var bar = ProgressBar(node.name, total: rows)
    try load.run { bar.show($0) }
    let seconds = max(0.001, (ContinuousClock().now - began) / .seconds(1))
    let rate = Int(Double(rows) / seconds)
    let line = Phrase(
      "\(node.name):\(ledger) \(rows) 条,每秒 \(rate) 条",
      "\(node.name): \(rows) rows of \(ledger), \(rate) rows/s")
    Outcome.say(line.text(in: .current))
  }
}
