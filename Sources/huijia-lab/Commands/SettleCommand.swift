import ArgumentParser
import DaemonKit
import LabKit

/// `settle`: waits until everything has arrived.
struct SettleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "settle",
    abstract:
      "Wait until nothing is unsealed, unsent, unacknowledged or parked. 等待全部到达。")

  @OptionGroup var lab: LabOptions
  @Option(help: "Seconds to wait at most.") var timeout: Double = 60
  @Flag(help: "One JSON document on standard output.") var json = false

  func run() async throws {
    let lab = try lab.open()
    let report = try await lab.settle(seconds: timeout)
    for absent in report.absent { Outcome.complain(absent.note(in: .current)) }
    if json {
      let document: JSON = [
        "settled": .bool(report.isSettled), "open": .array(report.open),
        "absent": .array(
          report.absent.map { absent in
            [
              "code": .string(absent.message.code), "node": .optional(absent.values["node"]),
              "kind": .optional(absent.values["kind"]),
            ]
          }),
      ]
      Outcome.say(document.serialised)
    } else {
      for open in report.open { Outcome.complain(open.serialised) }
    }
    try Interruption.check(lab.directory)
    if !report.isSettled {
      throw OperatorError(.labNotSettled, ["seconds": "\(timeout)"], status: .checkFailed)
    }
  }
}
