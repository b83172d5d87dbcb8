extension Report {
  /// `gate list`: how much waits for whom, then the values.
  package func waitingForVerification(_ document: JSON) -> String {
    let people = table(
      document["by_verifier"]?.elements ?? [], right: [1],
      [
        (.verifier, { cell($0["node"]) }), (.waiting, { cell($0["values"]) }),
        (.oldest, { cell($0["oldest"]) }),
      ])
    let values = table(
      document["values"]?.elements ?? [], right: [4],
      [
        (.ledger, { cell($0["ledger"]) }), (.key, { cell($0["key"]) }),
        (.field, { cell($0["field"]) }), (.time, { cell($0["since"]) }),
        (.days, { cell($0["days"]) }), (.reason, { cell($0["reason"]) }),
        (.verifier, { $0["verifiers"]?.elements.compactMap(\.text).joined(separator: ", ") ?? "" }),
      ])
    return people + "\n\n" + values
  }

  /// `gate verify`: what was vouched for.
  package func verifiedValues(_ document: JSON) -> String {
    let fields = document["verified"]?.elements.compactMap(\.text).joined(separator: ", ") ?? ""
    return pairs([
      (.ledger, cell(document["ledger"])), (.key, cell(document["key"])), (.vouchedFor, fields),
    ])
  }
}

extension Phrase {
  static let verifier = Phrase("核验单位", "verifier")
  static let vouchedFor = Phrase("已核验", "verified")
  static let waiting = Phrase("待核验", "waiting")
  static let oldest = Phrase("最早", "oldest")
  static let days = Phrase("天", "days")
}
