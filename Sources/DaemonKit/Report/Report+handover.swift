extension Report {
  /// `handover list`: what is open.
  package func handovers(_ document: JSON) -> String {
    table(
      document.elements, right: [0],
      [
        (.number, { cell($0["id"]) }),
        (.ledger, { cell($0["ledger"]) }),
        (.key, { cell($0["key"]) }),
        (.handedFields, { list($0["fields"]) }),
        (.since, { cell($0["since"]) }),
        (.movedTo, { cell($0["moved_to"]) }),
        (.sealedTo, { cell($0["sealed_to"]) }),
        (.reason, { word($0["reason"]) }),
        (.exported, { yesNo($0["exported"]) }),
      ])
  }

  /// `handover export` and `forward`: the file that was written.
  package func handoverFile(_ document: JSON) -> String {
    pairs([
      (.file, cell(document["file"])), (.sender, cell(document["from"])),
      (.receiver, cell(document["to"])), (.records, cell(document["records"])),
      (.bytes, cell(document["bytes"])),
    ])
  }

  /// `handover import`: what became of each record.
  package func handedOver(_ document: JSON) -> String {
    let outcomes = ["taken", "known", "waiting", "absent", "outside", "refused"]
    return pairs(
      [(.sender, cell(document["from"]))]
        + outcomes.map { name in
          (
            Phrase.word(both: "handover_\(name)"), "\(document[name]?.elements.count ?? 0)"
          )
        })
  }

  /// `handover confirm`.
  package func settled(_ document: JSON) -> String {
    pairs([(.confirmed, cell(document["settled"]))])
  }
}

extension Phrase {
  static let handover = Phrase("待移交", "to hand over")
  static let handoverFull = Phrase(
    "(超过上限,请处理 huijiactl handover list)", "(above the limit: see huijiactl handover list)")
  static let handedFields = Phrase("字段", "fields")
  static let since = Phrase("自", "since")
  static let movedTo = Phrase("迁往", "moved to")
  static let sealedTo = Phrase("加密给", "sealed to")
  static let exported = Phrase("已导出", "exported")
  static let file = Phrase("文件", "file")
  static let sender = Phrase("来自", "from")
  static let receiver = Phrase("收件节点", "for")
  static let records = Phrase("记录数", "records")
  static let bytes = Phrase("字节", "bytes")
  static let confirmed = Phrase("已确认", "confirmed")
}
