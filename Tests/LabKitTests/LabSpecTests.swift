import DaemonKit
import Governance
import LabKit
import ReplicationCore
import Testing

@Suite("A lab's spec")
struct LabSpecTests {
  /// The sample beside the sources.
  private static var sample: String {
    LocalFile.resolve("../../../Config/lab/nanning.yaml", from: #filePath)
  }

  @Test("The default spec is a whole tree of Nanning")
  func nanning() throws {
    let spec = try LabSpec.read(Self.sample)
    #expect(spec.nodes.count == 18)
    #expect(spec.nodes.first?.tier == .region)
    #expect(spec.nodes.count { $0.tier == .village } == 8)
    #expect(spec.nodes.count { $0.parent == nil } == 1)
    let known = spec.nodes.map(\.node)
    for (index, node) in spec.nodes.enumerated() {
      guard let parent = node.parent else { continue }
      #expect(known.firstIndex(of: parent).map { $0 < index } == true, "\(node.node)")
    }
    let department = try #require(spec.nodes.first { $0.tier == .department })
    #expect(department.parent?.slug == "")
    #expect(department.parent?.code == department.node.code)
  }

  @Test("A spec with orphans, repeats, a wrong tier and two regions says all of it")
  func wrong() throws {
    let text = """
      name: x
      ledgers: /tmp
      scopes: /tmp
      nodes:
        - {id: "450000000000", name: a}
        - {id: "500000000000", name: b}
        - {id: "110101000000", name: c}
        - {id: "450103000000", name: d, tier: town}
        - {id: "450103000000", name: d}
        - {id: "45", name: e}
      """
    let error = try #require(throws: ConfigError.self) {
      try LabSpec.parse(text, file: "s.yaml", directory: "/")
    }
    let found = error.problems.map { $0.text(in: .english) }
    for expected in [
      "s.yaml: a spec needs exactly one region; this one has 2",
      "s.yaml:7: 110101000000 has no node above it in the spec",
      "s.yaml:8: 450103000000: its id says county, not town",
      "s.yaml:9: 450103000000 appears twice", "s.yaml:10: id: 45 is not valid",
    ] {
      #expect(found.contains { $0.hasPrefix(expected) }, "\(expected) not in \(found)")
    }
    #expect(found.count == 5)
  }

  @Test("A plan is kept and read back")
  func plan() throws {
    let scratch = try Scratch()
    let lab = try Lab.make(scratch.path("lab"), spec: Self.sample)
    let again = try Lab.open(scratch.path("lab"))
    #expect(lab.plan.nodes == again.plan.nodes)
    #expect(lab.plan.sockets == scratch.path("lab/run"))
    let ports = lab.plan.nodes.flatMap { [$0.listen, $0.forward] }.filter { $0 != 0 }
    #expect(Set(ports).count == 35)
    #expect(throws: OperatorError.self) { try Lab.open(scratch.path("elsewhere")) }
  }

  @Test("A directory with a long name gets its sockets elsewhere")
  func longDirectory() throws {
    let scratch = try Scratch()
    let long = scratch.path(String(repeating: "x", count: 100))
    let lab = try Lab.make(long, spec: Self.sample)
    defer { try? Lab.down(long, purge: true) }
    #expect(lab.plan.nodes.allSatisfy { lab.control(of: $0.node).utf8.count <= 107 })
    #expect(!lab.plan.sockets.hasPrefix(long))
    try Lab.down(long, purge: true)
    #expect(!LocalFile.exists(lab.plan.sockets))
    #expect(!LocalFile.exists(long))
  }
}
