import DaemonKit
import LabKit
import ReplicationCore
import Testing

/// One branch of Nanning as real daemons over real databases: seven nodes, shared by all tests of the suite.
struct RealTree: Sendable {
  let lab: Lab
  let region: LabPlan.Node
  let city: LabPlan.Node
  let county: LabPlan.Node
  let department: LabPlan.Node
  let town: LabPlan.Node
  let village: LabPlan.Node
  /// The other village of the same town.
  let neighbour: LabPlan.Node

  /// The tree of the running suite.
  @TaskLocal static var current: RealTree?

  /// The tree that the suite brought up. Throws when it did not.
  static func running() throws -> RealTree { try #require(current, "the tree is not up") }

  init(_ lab: Lab) throws {
    self.lab = lab
    region = try lab.node("450000000000")
    city = try lab.node("450100000000")
    county = try lab.node("450103000000")
    department = try lab.node("450103000000/civil-affairs")
    town = try lab.node("450103001000")
    village = try lab.node("450103001005")
    neighbour = try lab.node("450103001006")
  }

  /// Everybody on the way from the village to the region who may hold its residents.
  var line: [LabPlan.Node] { [village, town, county, department, city, region] }

  /// The spec of the tree, with the project's own ledgers and scopes.
  static var spec: String {
    """
    name: end-to-end
    ledgers: "\(BuiltPrograms.root)/Config/ledgers"
    scopes: "\(BuiltPrograms.root)/Config/scopes.yaml"
    nodes:
      - {id: "450000000000", name: 广西壮族自治区}
      - {id: "450100000000", name: 南宁市}
      - {id: "450103000000", name: 青秀区}
      - {id: "450103000000/civil-affairs", name: 青秀区民政局}
      - {id: "450103001000", name: 新竹街道}
      - {id: "450103001005", name: 新竹社区居委会}
      - {id: "450103001006", name: 思贤社区居委会}

    """
  }
}

/// Brings the tree up before the first test and takes it down after the last, whatever happened in between.
struct RealTreeTrait: SuiteTrait, TestScoping {
  let spec: String

  @concurrent func provideScope(
    for test: Test, testCase: Test.Case?,
    performing function: @concurrent @Sendable () async throws -> Void
  ) async throws {
    try BuiltPrograms.check()
    let scratch = "/tmp/huijia-e2e-\(UInt32.random(in: 0...UInt32.max))"
    let directory = "\(scratch)/lab"
    try LocalFile.makeDirectory(scratch)
    defer { takeDown(directory, scratch) }
    try LocalFile.write(spec, to: "\(scratch)/tree.yaml")
    let (lab, report) = try await Lab.up(directory, spec: "\(scratch)/tree.yaml") { _ in }
    let problems = report.problems.map { $0.report(in: .english) }
    try #require(problems.isEmpty, "\(problems)")
    try await RealTree.$current.withValue(RealTree(lab)) { try await function() }
  }

  private func takeDown(_ directory: String, _ scratch: String) {
    #expect(throws: Never.self) {
      if LocalFile.exists(directory) { try Lab.down(directory, purge: true) }
      try Program("/bin/rm", ["-rf", "--", scratch]).runChecked()
    }
    let left = ProcessTable.read().filter { entry in
      entry.words.contains { $0.contains(scratch) }
    }
    #expect(left.map(\.words) == [], "processes of the tree still run")
  }
}

extension Trait where Self == RealTreeTrait {
  /// The suite's tests find the running tree in `RealTree.running()`.
  static var realTree: Self { Self(spec: RealTree.spec) }
}

/// Promises kept by real daemons, real PostgreSQL and real TLS.
@Suite(.serialized, .realTree, .timeLimit(.minutes(5)))
struct EndToEnd {}
