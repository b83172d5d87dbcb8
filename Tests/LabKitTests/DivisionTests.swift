import DaemonKit
import Governance
import LabKit
import ReplicationCore
import Testing

@Suite("Trees from a division file")
struct DivisionTests {
  /// Two towns of one county, not in order, with columns and a line end as they are passed on.
  private static let table = """
    code12\tlevel\tname\tparent\r
    500118003000\t4\t南大街街道\t500118000000\r
    500118000000\t3\t永川区\t500100000000\r
    500118001202\t5\t三星村村民委员会\t500118001000\r
    500118001001\t5\t中山路社区居民委员会\t500118001000\r
    500118001000\t4\t中山路街道\t500118000000\r
    500118003001\t5\t泸州街社区居民委员会\t500118003000\r
    500119001001\t5\t别处\t500119001000\r
    """

  private func file(_ text: String, _ scratch: Scratch) throws -> String {
    let path = scratch.path("codes.tsv")
    try LocalFile.write(text, to: path)
    return path
  }

  private func choice(
    _ text: String, _ under: String = "500118", towns: Int? = nil, villages: Int? = nil,
    in scratch: Scratch
  ) throws -> DivisionChoice {
    DivisionChoice(
      file: try file(text, scratch), under: try #require(DivisionChoice.code(under)), towns: towns,
      villages: villages)
  }

  @Test("So many towns and villages as asked for, the first by code")
  func chosen() throws {
    let scratch = try Scratch()
    let all = try choice(Self.table, in: scratch).divisions()
    #expect(
      all.map { "\($0.code)" } == [
        "500118000000", "500118001000", "500118001001", "500118001202", "500118003000",
        "500118003001",
      ])
    #expect(all.first?.name == "永川区")
    let small = try choice(Self.table, towns: 1, villages: 1, in: scratch).divisions()
    #expect(small.map(\.name) == ["永川区", "中山路街道", "中山路社区居民委员会"])
    let town = try choice(Self.table, "500118003", in: scratch).divisions()
    #expect(town.map(\.name) == ["南大街街道", "泸州街社区居民委员会"])
    let commas = Self.table.replacing("\t", with: ",")
    #expect(try choice(commas, in: scratch).divisions() == all)
  }

  @Test(
    "What is wrong in a division file is said with its line",
    arguments: [
      ("code,title\n", "codes.tsv:1: the first line must name the columns"),
      ("", "codes.tsv:1: the first line must name the columns"),
      ("code12,name\n500118000000,a\n5001180,b\n", "codes.tsv:3: 5001180 is no 12-digit"),
      ("code12,name\n500118000000\n", "codes.tsv:2: this line has 1 column(s) only"),
      ("code12,name\n500118000000,\n", "codes.tsv:2: 500118000000 has no name"),
      (
        "code12,name\n500118000000,a\n500118000000,b\n",
        "codes.tsv:3: 500118000000 is also in line 2"
      ),
      ("code12,name\n510000000000,a\n", "codes.tsv: the file has nothing at or below 500118000000"),
      (
        "code12,name\n" + String(repeating: "x", count: 70_000),
        "codes.tsv:2: this line is longer than 4096 bytes"
      ),
    ])
  func wrong(_ text: String, _ expected: String) throws {
    let scratch = try Scratch()
    let choice = try choice(text, in: scratch)
    let error = try #require(throws: ConfigError.self) { try choice.divisions() }
    let said = error.problems.map { $0.text(in: .english) }.joined(separator: "\n")
    #expect(said.contains(expected), "\(said)")
  }

  @Test("A spec takes its nodes from a division file, and a municipality has no city between")
  func spec() throws {
    let scratch = try Scratch()
    let config = LocalFile.resolve("../../../Config", from: #filePath)
    let text = """
      name: x
      ledgers: "\(config)/ledgers"
      scopes: "\(config)/lab/yongchuan-scopes.yaml"
      nodes:
        - {id: "500000000000", name: 重庆市}
        - {id: "500118000000/civil-affairs", name: 永川区民政局}
      divisions: {file: "\(try file(Self.table, scratch))", under: "500118", towns: 2, villages: 1}
      """
    let spec = try LabSpec.parse(text, file: "s.yaml", directory: "/")
    #expect(spec.nodes.map { "\($0.node)" }.count == 7)
    let county = try #require(spec.nodes.first { $0.tier == .county })
    #expect(county.name == "永川区")
    #expect(county.parent?.code == county.node.code.truncated(to: .region))
    let foreign = text.replacing("lab/yongchuan-scopes.yaml", with: "scopes.yaml")
    let error = try #require(throws: OperatorError.self) {
      try LabSpec.parse(foreign, file: "s.yaml", directory: "/")
    }
    #expect(error.message.code == "lab-spec-region")
  }

  @Test(
    "A lab writes the spec of its divisions beside itself, with the sample's ledgers and scopes")
  func written() throws {
    let scratch = try Scratch()
    let choice = try choice(Self.table, towns: 1, villages: 2, in: scratch)
    let base = LocalFile.resolve("../../../Config/lab/yongchuan.yaml", from: #filePath)
    let path = try LabSpec.write(choice, base: base, into: scratch.path("lab"))
    let spec = try LabSpec.read(path)
    #expect(spec.nodes.first?.name == "重庆市")
    #expect(spec.nodes.count == 5)
    #expect(DivisionChoice.code("50011") == nil)
  }

  @Test("A lab that was made before starts again with the same tree only")
  func anotherTree() throws {
    let scratch = try Scratch()
    let directory = scratch.path("lab")
    let base = LocalFile.resolve("../../../Config/lab/yongchuan.yaml", from: #filePath)
    let one = try choice(Self.table, towns: 1, villages: 2, in: scratch)
    _ = try Lab.make(directory, spec: try LabSpec.write(one, base: base, into: directory))
    _ = try Lab.make(directory, spec: try LabSpec.write(one, base: base, into: directory))
    _ = try Lab.make(directory, spec: nil)
    let more = try choice(Self.table, towns: 1, villages: 1, in: scratch)
    for attempt in [
      { _ = try LabSpec.write(more, base: base, into: directory) },
      { _ = try Lab.make(directory, spec: base) },
    ] {
      let error = try #require(throws: OperatorError.self) { try attempt() }
      #expect(error.message.code == "lab-other-tree" && error.status == .usage)
    }
    #expect(try Lab.open(directory).plan.nodes.count == 5)
  }

  @Test("The sample of Yongchuan is a whole tree that its policy fits")
  func yongchuan() throws {
    let spec = try LabSpec.read(
      LocalFile.resolve("../../../Config/lab/yongchuan.yaml", from: #filePath))
    #expect(spec.nodes.count == 19)
    #expect(spec.nodes.count { $0.parent == nil } == 1)
    let catalog = try Catalog(directory: spec.ledgers)
    let policy = try CompiledPolicy(try LocalFile.read(spec.scopes), catalog: catalog)
    let tree = AdministrativeTree(tiers: policy.document.tiers)
    for node in spec.nodes { #expect(tree.parent(of: node.node) == node.parent, "\(node.node)") }
    #expect(policy.document.region == spec.nodes.first?.node.code)
  }
}
