extension Report {
  /// The most lines of a plan that people are shown.
  private static var planLines: Int { 200 }

  /// `scope plan`: a line for each direction of a link and ledger, then the sums, then who has not answered.
  package func scopePlan(_ document: JSON) -> String {
    var lines: [JSON] = []
    for link in document["links"]?.elements ?? [] {
      for ledger in link["ledgers"]?.elements ?? [] {
        lines.append([
          "receiver": link["receiver"] ?? .null, "link": .string(planned(link)),
          "ledger": ledger["ledger"] ?? .null, "gained": ledger["records_gained"] ?? .null,
          "lost": ledger["records_lost"] ?? .null, "fields": .string(fields(ledger)),
          "bytes": ledger["bytes"] ?? .null,
        ])
      }
    }
    var parts: [String] = []
    parts.append(
      lines.isEmpty
        ? say(.planChangesNothing)
        : table(
          Array(lines.prefix(Self.planLines)), right: [3, 4, 6],
          [
            (.planReceiver, { cell($0["receiver"]) }),
            (.planLink, { cell($0["link"]) }),
            (.ledger, { cell($0["ledger"]) }),
            (.planGained, { cell($0["gained"]) }),
            (.planLost, { cell($0["lost"]) }),
            (.planValues, { cell($0["fields"]) }),
            (.planBytes, { cell($0["bytes"]) }),
          ]))
    if lines.count > Self.planLines {
      parts.append("… \(lines.count - Self.planLines) \(say(.planMore))")
    }
    parts.append(planSums(document))
    let silent = document["not_answered"]?.elements ?? []
    if !silent.isEmpty {
      parts.append(
        say(.planSilent) + "\n"
          + table(
            silent,
            [
              (.node, { cell($0["node"]) }),
              (.reason, { Phrase.word("plan_\(cell($0["reason"]))", in: language) }),
              (.planHeard, { moment($0["since"]) }),
            ]))
    }
    return parts.joined(separator: "\n\n")
  }

  /// One line of progress of `scope plan`.
  package func planProgress(_ document: JSON) -> String {
    let progress = document["progress"]
    return "\(say(.planAnswered)) \(cell(progress?["answered"]))/\(cell(progress?["known"])), "
      + "\(say(.planLooked)) \(cell(progress?["looked"]))"
  }

  private func planSums(_ document: JSON) -> String {
    let totals = document["totals"]
    func sum(_ name: String) -> String { cell(totals?[name]) }
    return pairs([
      (
        .planAnswered, "\(cell(document["answered"]))/\(cell(document["known"]))"
      ),
      (.planNodes, sum("nodes")),
      (.planRecords, "+\(sum("records_gained")) −\(sum("records_lost"))"),
      (
        .planValues,
        "+\(sum("values_gained")) −\(sum("values_lost")) ~\(sum("values_remasked"))"
      ),
      (.planBytes, sum("bytes")),
    ])
  }

  private func planned(_ link: JSON) -> String {
    switch link["direction"]?.text {
    case "up": "\(cell(link["child"])) ↑"
    case "down": "\(cell(link["parent"])) ↓"
    default: say(.planOwn)
    }
  }

  /// `phone +3, remark −2, name ~1`.
  private func fields(_ ledger: JSON) -> String {
    (ledger["fields"]?.elements ?? []).map { field in
      let counts = [("+", "gained"), ("−", "lost"), ("~", "remasked")].compactMap { mark, name in
        (field[name]?.integer ?? 0) > 0 ? "\(mark)\(cell(field[name]))" : nil
      }
      return ([cell(field["field"])] + counts).joined(separator: " ")
    }.joined(separator: ", ")
  }
}

extension Phrase {
  static let planReceiver = Phrase("得失节点", "node")
  static let planLink = Phrase("经由", "over the link")
  static let planGained = Phrase("新增记录", "records +")
  static let planLost = Phrase("失去记录", "records −")
  static let planValues = Phrase("字段值(+增 −减 ~改遮盖)", "values (+ gained, − lost, ~ another mask)")
  static let planBytes = Phrase("字节(估计)", "bytes (estimated)")
  static let planNodes = Phrase("涉及节点", "nodes concerned")
  static let planRecords = Phrase("记录", "records")
  static let planAnswered = Phrase("已答复节点", "nodes that answered")
  static let planLooked = Phrase("查看记录", "records looked at")
  static let planSilent = Phrase("未答复的节点(不在以上数字内):", "Not answered (not in these figures):")
  static let planHeard = Phrase("最近一次听到", "last heard")
  static let planMore = Phrase("行未显示,见 --json", "more lines: see --json")
  static let planChangesNothing = Phrase("没有任何节点的数据会变化。", "No node would hold more or less.")
  static let planOwn = Phrase("本节点自行放弃", "given up by itself")
}
