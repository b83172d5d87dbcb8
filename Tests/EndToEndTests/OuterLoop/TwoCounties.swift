import DaemonKit
import LabKit
import ReplicationCore
import Testing

/// Two counties under one city: the branch of `RealTree`, and one in the next county.
struct TwoCounties: Sendable {
  /// The county where people move away from.
  let old: RealTree
  let county: LabPlan.Node
  let department: LabPlan.Node
  let town: LabPlan.Node
  let village: LabPlan.Node

  /// The tree of the running suite. Throws when it is not up.
  static func running() throws -> TwoCounties {
    let tree = try RealTree.running()
    return TwoCounties(
      old: tree, county: try tree.lab.node("450102000000"),
      department: try tree.lab.node("450102000000/civil-affairs"),
      town: try tree.lab.node("450102002000"), village: try tree.lab.node("450102002001"))
  }

  static var spec: String {
    RealTree.spec + """
        - {id: "450102000000", name: 兴宁区}
        - {id: "450102000000/civil-affairs", name: 兴宁区民政局}
        - {id: "450102002000", name: 朝阳街道}
        - {id: "450102002001", name: 朝阳社区居委会}

      """
  }

  /// Everybody at the new home.
  var newLine: [LabPlan.Node] { [village, town, county, department] }
  /// Everybody at the old home.
  var oldLine: [LabPlan.Node] { [old.village, old.town, old.county, old.department] }
  var above: [LabPlan.Node] { [old.city, old.region] }

  /// Runs `huijiactl` at a node with `--json`; throws unless it ends with `status`.
  @discardableResult
  func control(
    _ node: LabPlan.Node, _ arguments: [String], status: Int32 = 0
  ) throws -> JSON {
    let outcome = try BuiltPrograms.runControl(
      ["--control", old.lab.control(of: node.node)] + arguments + ["--json"])
    try #require(outcome.status == status, "\(arguments): \(outcome.detail)")
    return status == 0 ? try JSON(parsing: outcome.text) : .null
  }

  /// What a node's archive has open of a person: ids and fields.
  func open(_ person: Person, at node: LabPlan.Node) throws -> [(id: Int64, fields: [String])] {
    try control(node, ["handover", "list"]).elements
      .filter { $0["key"]?.text == person.key }
      .map { ($0["id"]?.integer ?? 0, ($0["fields"]?.elements ?? []).compactMap(\.text)) }
  }

  /// The nodes whose whole database holds a text somewhere, in plain or as bytes.
  func holders(of text: String, among nodes: [LabPlan.Node]) throws -> [String] {
    let cluster = try old.lab.cluster()
    let hexadecimal = text.utf8.map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
    return try nodes.filter { node in
      let names = old.lab.database(of: node.node)
      let dump = Program(
        cluster.binaries.path("pg_dump"),
        ["-d", cluster.connection(to: names.name, as: "postgres")])
      let all = try dump.runChecked()
      return all.contains(text) || all.contains(hexadecimal)
    }.map { "\($0.node)" }
  }
}

extension Trait where Self == RealTreeTrait {
  /// The suite's tests find the running tree in `TwoCounties.running()`.
  static var twoCounties: Self { Self(spec: TwoCounties.spec) }
}

/// Promises of the outer loop, between two counties.
@Suite(.serialized, .twoCounties, .timeLimit(.minutes(5)))
struct OuterLoop {}
