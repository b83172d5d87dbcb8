package import DaemonKit
import Governance
import ReplicationCore

extension Lab {
  /// `nodes`: every node, how to reach its database and its daemon, and whether it runs.
  package func nodes(only: String? = nil) throws -> JSON {
    let wanted = try only.map { [try node($0)] } ?? plan.nodes
    let running = runningDaemons()
    let cuts = (try? forwarderStates()) ?? [:]
    return .array(
      try wanted.map { node in
        let process = running[node.node]
        return [
          "node": .string("\(node.node)"), "tier": .string(node.tier.rawValue),
          "parent": .optional(node.parent.map { "\($0)" }), "name": .string(node.name),
          "conninfo": .string(try connection(to: node.node)),
          "control": .string(control(of: node.node)),
          "pid": process.map { .integer($0.process) } ?? .null,
          "state": process == nil ? "stopped" : "running",
          "cut": .optional(cuts[node.node].flatMap { $0 == .open ? nil : $0.rawValue }),
          "clock_offset_s": .number("\(clockOffset(of: node.node))"),
          "log": .string(log(of: node.node)),
        ]
      })
  }

  /// One member of each node, such as its conninfo. Throws `lab-member-unknown`.
  package static func members(_ name: String, of nodes: JSON) throws -> [String] {
    try nodes.elements.map { node in
      guard let member = node[name] else {
        throw OperatorError(.labMemberUnknown, ["name": name], status: .usage)
      }
      return member.plain
    }
  }

  /// The same for people.
  package static func table(_ nodes: JSON, in language: Language) -> String {
    let titles: [Phrase] = [
      Phrase("节点", "node"), .tier, Phrase("名称", "name"), .parent, Phrase("状态", "state"), .process,
    ]
    var table = TextTable(titles.map { $0.text(in: language) }, alignRight: [5])
    for node in nodes.elements {
      let state = Phrase.word(node["state"]?.plain ?? "", in: language)
      let cut = node["cut"]?.text.map { " (cut: \($0))" } ?? ""
      table.add([
        node["node"]?.plain ?? "", Phrase.word(node["tier"]?.plain ?? "", in: language),
        node["name"]?.plain ?? "", node["parent"]?.plain ?? "", state + cut,
        node["pid"]?.plain ?? "",
      ])
    }
    return table.text
  }
}
