import DaemonKit
import LabKit
import SeededRandom
import Testing

/// Random policies one after another over a running tree, with edits at three tiers; every frame, table, file and log is searched.
///
/// Runs when asked (`make leaks`): it still finds faults, which `docs/INVARIANTS.md` names.
@Suite(
  .serialized, .enabled(if: ProcessEnvironment["HUIJIA_LEAK_POLICIES"] != nil), .realTree,
  .timeLimit(.minutes(12)))
struct ScopeLeaks {
  /// How many policies.
  private static let count = ProcessEnvironment["HUIJIA_LEAK_POLICIES"].flatMap { Int($0) } ?? 200
  /// What the story is made of; `HUIJIA_SEEDS` (`n..n`) replays another.
  private static let seed =
    ProcessEnvironment["HUIJIA_SEEDS"]?.split(separator: ".").first.flatMap { UInt64($0) }
    ?? 20_261_122

  @Test
  func `nothing crosses a link, stays in a table, a dump, a file or a log that no policy gave`()
    async throws
  {
    let tree = try RealTree.running()
    try tree.lab.recordFrames()
    try await tree.healAll()
    var story = LeakStory(tree, seed: Self.seed)
    try story.enact()
    try #require(try await tree.becomesTrue(within: 30) { try await tree.allAdopted(2) })
    for step in 1...Self.count {
      try story.enact()
      for _ in 0..<story.random.below(4) { try story.write() }
      if step % 25 == 0 { try await story.compare() }
    }
    var judge = try FrameJudge(tree, story.policies, story.canaries)
    try judge.judge(tree.lab)
    #expect(judge.leaks.count == 0, "seed \(Self.seed): \(judge.leaks.prefix(10))")
    #expect(
      judge.frames > Self.count && judge.values > 10 * Self.count, "too little crossed: \(judge)")

    // Nobody but the villages: what was there is nowhere any more.
    try story.enact(least: true)
    try await story.compare()
    for node in tree.line.dropFirst() {
      #expect(try tree.tables(of: node, holding: story.texts) == [], "at \(node.node)")
      #expect(try story.filesHoldingTexts(at: node) == [], "at \(node.node)")
    }
    #expect(try tree.tables(of: tree.village, holding: story.texts) != [])
    for node in tree.lab.plan.nodes {
      let log = try LocalFile.read(tree.lab.log(of: node.node))
      #expect(story.canaries.found(in: log).count == 0, "the log of \(node.node)")
    }
  }
}
