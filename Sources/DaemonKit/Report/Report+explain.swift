extension Report {
  /// `scope explain`: field by field what a node may do and why not, then the path, hop by hop.
  package func scopeExplanation(_ document: JSON) -> String {
    var parts = [
      table(
        document["fields"]?.elements ?? [],
        [
          (.field, { cell($0["field"]) }),
          (.read, { yesNo($0["read"]) }),
          (.maintain, { yesNo($0["maintain"]) }),
          (.mask, { cell($0["mask"]) }),
          (.arrives, { arrival($0) }),
          (.rule, { ruleOrReason($0) }),
        ])
    ]
    for path in document["paths"]?.elements ?? [] {
      parts.append(heading(path) + "\n" + hops(path))
    }
    if let homes = document["homes"]?.elements {
      let texts = homes.map { "\(cell($0["column"])) \(cell($0["code"]))" }
      parts.insert("\(say(.homes)) " + texts.joined(separator: ", "), at: 0)
    }
    if document["held"]?.bool == false { parts.insert(say(.notHeldHere), at: 0) }
    return parts.joined(separator: "\n\n")
  }

  /// Whether a field comes through, where it stops, and what the gates on the way say.
  private func arrival(_ field: JSON) -> String {
    if let stop = field["blocked_at"]?.text { return "\(say(.stopsAt)) \(stop)" }
    guard let gate = field["gate"] else { return yesNo(field["arrives"]) }
    let state = gate["state"]?.text ?? ""
    var text = Phrase.word("gate_\(state)", in: language)
    if let by = gate["by"]?.text {
      text += " (\(by), \(cell(gate["node"])), \(moment(gate["at"]))"
      if gate["expires"]?.text != nil { text += ", \(say(.until)) \(moment(gate["expires"]))" }
      text += ")"
    }
    if gate["earlier"]?.bool == true { text += "; " + say(.earlierPasses) }
    return text
  }

  private func ruleOrReason(_ field: JSON) -> String {
    field["rule"]?.text ?? why(field["reason"]?.text ?? "no_rule", field["for_other_homes"])
  }

  private func why(_ reason: String, _ others: JSON?) -> String {
    let rules = (others?.elements ?? []).map { "\(cell($0["rule"])): \(cell($0["homes"]))" }
    let word = Phrase.word("explain_\(reason)", in: language)
    return rules.isEmpty ? word : "\(word): " + rules.joined(separator: "; ")
  }

  private func heading(_ path: JSON) -> String {
    let nodes = (path["hops"]?.elements ?? []).map { cell($0["node"]) }
    return "\(say(.path)) " + nodes.joined(separator: " → ")
  }

  /// A line for each node and rule: which of the path's fields it gives; then what it does not give.
  private func hops(_ path: JSON) -> String {
    var rows: [JSON] = []
    for hop in path["hops"]?.elements ?? [] {
      var lines: [(rule: String, fields: [String])] = []
      func add(_ field: String, to rule: String) {
        if let at = lines.firstIndex(where: { $0.rule == rule }) {
          lines[at].fields.append(field)
        } else {
          lines.append((rule, [field]))
        }
      }
      for given in hop["gives"]?.elements ?? [] {
        let mask = given["mask"]?.text.map { " (\($0))" } ?? ""
        add(cell(given["field"]) + mask, to: cell(given["rule"]))
      }
      for blocked in hop["blocks"]?.elements ?? [] {
        let reason = why(blocked["reason"]?.text ?? "no_rule", blocked["for_other_homes"])
        add(cell(blocked["field"]), to: "✗ " + reason)
      }
      for (number, line) in lines.enumerated() {
        rows.append([
          "node": number == 0 ? hop["node"] ?? .null : .null,
          "direction": number == 0 ? .string(direction(hop)) : .null,
          "rule": .string(line.rule), "fields": .string(line.fields.joined(separator: ", ")),
        ])
      }
    }
    return table(
      rows,
      [
        (.node, { cell($0["node"]) }),
        (.direction, { cell($0["direction"]) }),
        (.rule, { cell($0["rule"]) }),
        (.field, { cell($0["fields"]) }),
      ])
  }

  private func direction(_ hop: JSON) -> String {
    let word = Phrase.word("hop_\(hop["direction"]?.text ?? "")", in: language)
    return hop["gated"]?.bool == true ? "\(word), \(say(.gated))" : word
  }
}

extension Phrase {
  static let arrives = Phrase("能否到达", "arrives")
  static let stopsAt = Phrase("止于", "stops at")
  static let until = Phrase("有效至", "until")
  static let earlierPasses = Phrase("先前核实的值已通过", "the value verified before passes")
  static let path = Phrase("路径", "path")
  static let direction = Phrase("方向", "direction")
  static let gated = Phrase("须采核", "gated")
  static let notHeldHere = Phrase(
    "本节点没有这条记录,按所给的归属判断。", "This node does not hold the record: judged by the homes given.")
}
