import DaemonKit
import LabKit
import ReplicationCore
import Testing

/// Random writers at every node of a tree of its own under cuts and kills; every acknowledged write is accounted for.
///
/// `huijia-lab torture` is the same with any tree, seed and length; a failure prints what to replay.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct TortureTests {
  /// Two counties, so that records move between them, with a department and two villages in one town.
  private static let spec = """
    name: torture
    ledgers: "\(BuiltPrograms.root)/Config/ledgers"
    scopes: "\(BuiltPrograms.root)/Config/scopes.yaml"
    nodes:
      - {id: "450000000000", name: 广西壮族自治区}
      - {id: "450100000000", name: 南宁市}
      - {id: "450102000000", name: 兴宁区}
      - {id: "450102002000", name: 朝阳街道}
      - {id: "450102002001", name: 朝阳社区居委会}
      - {id: "450103000000", name: 青秀区}
      - {id: "450103000000/civil-affairs", name: 青秀区民政局}
      - {id: "450103001000", name: 新竹街道}
      - {id: "450103001005", name: 新竹社区居委会}
      - {id: "450103001006", name: 思贤社区居委会}

    """

  /// A tree is brought up, tortured, and taken down whatever became of it.
  private func torture(
    seed: UInt64, seconds: Double, loss: TortureLoss? = nil
  ) async throws -> TortureReport {
    try BuiltPrograms.check()
    let scratch = Torture.newDirectory()
    try LocalFile.makeDirectory(scratch)
    try LocalFile.write(Self.spec, to: "\(scratch)/tree.yaml")
    defer {
      #expect(throws: Never.self) {
        if LocalFile.exists("\(scratch)/lab") { try Lab.down("\(scratch)/lab", purge: true) }
        try Program("/bin/rm", ["-rf", "--", scratch]).runChecked()
      }
    }
    let settings = TortureSettings(
      directory: "\(scratch)/lab", spec: "\(scratch)/tree.yaml", seed: seed, seconds: seconds,
      hasRivals: false, loss: loss)
    return try await Torture(settings) { _ in }.run()
  }

  /// With `HUIJIA_TORTURE=1` only, while what docs/INVARIANTS.md lists as open can still turn it red by chance.
  @Test(
    "every acknowledged write is accounted for at every node that may see it",
    .enabled(if: ProcessEnvironment["HUIJIA_TORTURE"] != nil),
    arguments: [1, UInt64.random(in: 2...999_999_999)])
  func accounted(seed: UInt64) async throws {
    let report = try await torture(seed: seed, seconds: 15)
    #expect(report.isGood, "\(report.text(in: .english))")
    // A run in which little happened would prove little.
    #expect(report.acknowledged > 100 && report.accounted > 1_000 && !report.faults.isEmpty)
  }

  @Test("a write that is lost on purpose is found", arguments: TortureLoss.allCases)
  func found(loss: TortureLoss) async throws {
    let report = try await torture(seed: 3, seconds: 4, loss: loss)
    let kinds = Set(report.findings.map(\.kind))
    switch loss {
    case .outbox: #expect(kinds.contains(.lost))
    case .value: #expect(kinds.contains(.foreign) && kinds.contains(.disagreement))
    case .row: #expect(kinds.contains(.presence))
    }
    #expect(!report.isGood)
  }
}
