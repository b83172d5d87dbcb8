import ArgumentParser
import DaemonKit
import LabKit

/// `demo`: the story of the tree, told and checked.
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Bring a tree up, tell its story, check each step, take it down. 演示并检查。")

  @Option(name: .customLong("dir"), help: "The lab's directory; without it a new one in /tmp.")
  var directory: String?
  @Option(help: "The tree to make.") var spec: String?
  @Option(help: "How many residents to load; without it as the spec says.") var residents: Int?
  @Flag(help: "Leave the tree running.") var keep = false

  func run() async throws {
    let story = DemoStory(
      directory: directory ?? DemoStory.newDirectory(), spec: spec, residents: residents,
      keep: keep, language: .current)
    if try await !story.run() { throw ExitCode(ExitStatus.checkFailed.rawValue) }
  }
}
