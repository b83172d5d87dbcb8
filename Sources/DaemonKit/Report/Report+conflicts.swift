extension Report {
  /// `conflicts list`: every value of every conflict, the shown one of each first.
  package func conflicts(_ document: JSON) -> String {
    let rows = document.elements.flatMap { conflict in
      (conflict["values"]?.elements ?? []).enumerated().map { at, value -> JSON in
        ["conflict": at == 0 ? conflict : .null, "value": value]
      }
    }
    return table(
      rows, right: [5],
      [
        (.number, { cell($0["conflict"]?["id"]) }),
        (.ledger, { cell($0["conflict"]?["ledger"]) }),
        (.key, { cell($0["conflict"]?["key"]) }),
        (.field, { cell($0["conflict"]?["field"]) }),
        (.kind, { word($0["conflict"]?["kind"]) }),
      ] + valueColumns { $0["value"] })
  }

  /// `conflicts show`: one conflict.
  package func conflict(_ document: JSON) -> String {
    let head = pairs([
      (.number, cell(document["id"])), (.ledger, cell(document["ledger"])),
      (.key, cell(document["key"])), (.field, cell(document["field"])),
      (.kind, word(document["kind"])), (.seen, cell(document["version"])),
    ])
    let values = document["values"]?.elements ?? []
    return head + "\n\n" + table(values, right: [0], valueColumns { $0 })
  }

  /// `conflicts resolve`: what was resolved.
  package func resolution(_ document: JSON) -> String {
    pairs([(.resolved, cell(document["resolved"])), (.number, cell(document["conflict"]?["id"]))])
  }

  /// `conflicts resolve --all`: what was resolved and what is left.
  package func resolutions(_ document: JSON) -> String {
    pairs([
      (.resolved, cell(document["resolved"])), (.left, cell(document["left"])),
      (.withoutValue, cell(document["without_value"])),
      (.failed, "\(document["failed"]?.elements.count ?? 0)"),
    ])
  }

  private func valueColumns(
    _ value: @escaping (JSON) -> JSON?
  ) -> [(Phrase, (JSON) -> String)] {
    [
      (.take, { cell(value($0)?["number"]) }),
      (.value, { cell(value($0)?["value"]) }),
      (.node, { cell(value($0)?["node"]) }),
      (.tier, { word(value($0)?["tier"]) }),
      (.author, { cell(value($0)?["author"]) }),
      (.time, { cell(value($0)?["time"]) }),
      (.rank, { cell(value($0)?["rank"]) }),
      (.why, { word(value($0)?["why"]) }),
    ]
  }
}

extension Phrase {
  static let kind = Phrase("种类", "kind")
  static let seen = Phrase("版本", "seen")
  static let take = Phrase("序号", "take")
  static let rank = Phrase("权威", "rank")
  static let why = Phrase("显示原因", "why shown")
  static let resolved = Phrase("已处理", "resolved")
  static let left = Phrase("剩余", "left")
  static let withoutValue = Phrase("其中无该来源取值", "of these without its value")
  static let failed = Phrase("未成功", "failed")
  package static let askToResolve = Phrase("执行?[y/N] ", "go on? [y/N] ")
}
