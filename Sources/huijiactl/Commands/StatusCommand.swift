import ArgumentParser
import DaemonKit

/// `status`: this node at a glance.
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "This node at a glance. 本节点概况。")

  @OptionGroup var options: ControlOptions
  @Flag(help: "Ask again every two seconds until interrupted.")
  var watch = false

  func run() async throws {
    let daemon = options.daemon
    repeat {
      let document = try await daemon.call("status")
      // On a screen each picture replaces the one before; JSON goes on, one document a line.
      if watch, !options.json { Outcome.say("\u{1B}[H\u{1B}[2J", terminator: "") }
      options.show(document) { $0.status }
      if watch { try await Task.sleep(for: .seconds(2)) }
    } while watch
  }
}

/// `links`: each link, both directions.
struct LinksCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "links", abstract: "Each link, both directions. 各条链路。")

  @OptionGroup var options: ControlOptions

  func run() async throws {
    options.show(try await options.daemon.call("links")) { $0.links }
  }
}
