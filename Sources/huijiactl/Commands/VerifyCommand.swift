import ArgumentParser
import DaemonKit

/// `verify`: compares the link's view on both ends.
struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Compare what the two ends of each link hold. 核对链路两端是否一致。",
    discussion: """
      Exit status 0 when all is equal, 1 when records differ and were not mended, or could not be judged \
      because they were under way all the time, 3 when a link is not live.
      """)

  @OptionGroup var options: ControlOptions
  @Option(help: "Only the link with this node.") var link: String?
  @Flag(help: "Mend what differs: both ends tell how the record stands.") var `repair` = false

  func run() async throws {
    var arguments = [JSON.Member("repair", .bool(`repair`))]
    if let link { arguments.append(JSON.Member("link", .string(link))) }
    let showsProgress = !options.json
    let document = try await options.daemon.last("verify", .object(arguments)) { document in
      guard showsProgress, document["progress"] != nil else { return }
      Outcome.progress(Report(.current).verificationProgress(document))
    }
    if showsProgress { Outcome.progress("") }
    options.show(document) { $0.verification }
    try judge(document["links"]?.elements ?? [])
  }

  private func judge(_ links: [JSON]) throws {
    func sum(_ name: String) -> Int64 { links.reduce(0) { $0 + ($1[name]?.integer ?? 0) } }
    if sum("different") > 0 {
      throw OperatorError(.linksDiffer, ["count": "\(sum("different"))"], status: .checkFailed)
    }
    let open = links.filter { $0["state"]?.text == "not_compared" }
    guard open.isEmpty else {
      let peers = open.compactMap { $0["peer"]?.text }.joined(separator: ", ")
      throw OperatorError(.linksNotCompared, ["peers": peers], status: .unreachable)
    }
    if sum("moving") > 0 {
      throw OperatorError(.linksMoving, ["count": "\(sum("moving"))"], status: .checkFailed)
    }
  }
}
