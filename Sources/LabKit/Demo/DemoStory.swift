package import DaemonKit
import Glibc
import ReplicationCore

/// The demo: brings a tree up, tells its story, checks every step, and takes the tree down.
package struct DemoStory: Sendable {
  package let directory: String
  package let spec: String?
  package let residents: Int?
  package let keep: Bool
  package let language: Language

  /// Prepares a demo in a directory; `residents` nil: as many as the spec says.
  package init(
    directory: String, spec: String?, residents: Int?, keep: Bool, language: Language
  ) {
    self.directory = LocalFile.absolute(directory)
    self.spec = spec
    self.residents = residents
    self.keep = keep
    self.language = language
  }

  /// A fresh name under `/tmp`, where every user's programs can reach it.
  package static func newDirectory() -> String { "/tmp/huijia-demo-\(getpid())" }

  /// Runs it; true when every check held. The tree is taken down whatever happens, unless it is to be kept.
  package func run() async throws -> Bool {
    let clock = ContinuousClock()
    let began = clock.now
    var journal = DemoJournal(language)
    var failure: (any Error)?
    do {
      try await tell(&journal)
    } catch {
      failure = error
      if let (text, _) = Outcome.of(error, in: language) { Outcome.complain(text) }
      journal.check(Phrase("演示走到最后", "the story was told to its end"), false)
    }
    let isGood = journal.failures == 0 && failure == nil
    if !keep { takeDown(purge: isGood) }
    Outcome.say("\n\(journal.table)\n")
    let seconds = DemoJournal.time((clock.now - began) / .seconds(1))
    let line =
      isGood
      ? Phrase(
        "\(journal.checks.count) 项检查全部通过,用时 \(seconds)",
        "all \(journal.checks.count) checks hold; \(seconds)")
      : Phrase(
        "没有全部通过,用时 \(seconds);日志在 \(directory)/logs",
        "not all checks hold; \(seconds); the logs are in \(directory)/logs")
    Outcome.say(line.text(in: language))
    if let failure, Outcome.of(failure, in: language) == nil { throw failure }
    return isGood
  }

  private func takeDown(purge: Bool) {
    do {
      try Lab.down(directory, purge: purge)
    } catch {
      if let (text, _) = Outcome.of(error, in: language) { Outcome.complain(text) }
    }
  }

  private func tell(_ journal: inout DemoJournal) async throws {
    journal.tell(
      Phrase("启动整棵树:每个节点一个守护进程、一个数据库", "Bring a tree up: a daemon and a database at each node"))
    let clock = ContinuousClock()
    let began = clock.now
    let (lab, report) = try await Lab.up(directory, spec: spec) { _ in }
    for problem in report.problems { Outcome.complain(problem.report(in: language)) }
    journal.check(
      Phrase("所有链路畅通", "every link is live"), report.problems.isEmpty,
      "\(report.nodes) nodes, \(DemoJournal.time((clock.now - began) / .seconds(1)))")
    guard let cast = DemoCast(lab.plan) else {
      throw OperatorError(
        .labStepFailed, ["detail": "the spec has no county with a department and a village"],
        status: .usage)
    }
    let scene = DemoScene(lab: lab, cast: cast)
    let steps: [(DemoScene, inout DemoJournal) async throws -> Void] = [
      { try await $0.loadResidents(residents ?? lab.plan.residents, &$1) },
      { try await $0.newResident(&$1) },
      { try await $0.comesHome(&$1) },
      { try await $0.outsideScope(&$1) },
      { try await $0.cutLink(&$1) },
      { try await $0.sameField(&$1) },
      { try await $0.killedTown(&$1) },
      { try await $0.familyMoves(&$1) },
      { try await $0.handedOver(&$1) },
      { try await $0.regionCut(&$1) },
      { try await $0.lostDisk(&$1) },
      { try await $0.traced(&$1) },
      { try await $0.verified(&$1) },
    ]
    for step in steps {
      try Interruption.check(directory)
      try await step(scene, &journal)
    }
  }
}
