extension Report {
  /// `verify`: a line a link, then the records that differ.
  package func verification(_ document: JSON) -> String {
    let links = document["links"]?.elements ?? []
    guard !links.isEmpty else { return say(.noLinks) }
    var text = table(
      links, right: [2, 3, 4, 5, 6],
      [
        (.peer, { cell($0["peer"]) }),
        (.state, { word($0["state"]) }),
        (.compared, { cell($0["compared"]) }),
        (.equal, { cell($0["equal"]) }),
        (.moving, { cell($0["moving"]) }),
        (.different, { cell($0["different"]) }),
        (.repaired, { cell($0["repaired"]) }),
        (.reason, { notCompared($0["reason"]) }),
      ])
    for link in links {
      let records = link["records"]?.elements ?? []
      if records.isEmpty { continue }
      text += "\n\n\(cell(link["peer"]))\n"
      text += table(
        records,
        [
          (.ledger, { cell($0["ledger"]) }),
          (.key, { cell($0["key"]) }),
          (.field, { list($0["fields"]) }),
        ])
    }
    return text
  }

  /// Why a link was not compared: a code, and behind a colon what the peer says.
  private func notCompared(_ reason: JSON?) -> String {
    let parts = cell(reason).split(separator: ": ", maxSplits: 1).map(String.init)
    guard let code = parts.first else { return "" }
    return Phrase.word(code, in: language) + (parts.count > 1 ? " (\(parts[1]))" : "")
  }

  /// One line of progress of `verify`.
  package func verificationProgress(_ document: JSON) -> String {
    let progress = document["progress"]
    let counts: [(Phrase, String)] = [
      (.compared, "compared"), (.moving, "moving"), (.different, "different"),
      (.repaired, "repaired"),
    ]
    return cell(progress?["peer"]) + "  "
      + counts.map { "\(say($0.0)) \(cell(progress?[$0.1]))" }.joined(separator: ", ")
  }
}

extension Phrase {
  static let compared = Phrase("已核对", "compared")
  static let equal = Phrase("一致", "equal")
  static let moving = Phrase("传输中", "under way")
  static let different = Phrase("不一致", "different")
  static let repaired = Phrase("已修复", "repaired")
  static let verified = Phrase("最近核对", "verified")
}
