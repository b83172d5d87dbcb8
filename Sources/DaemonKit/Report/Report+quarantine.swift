extension Report {
  /// `quarantine list`: what was refused.
  package func quarantine(_ document: JSON) -> String {
    table(
      document.elements, right: [0],
      [
        (.number, { cell($0["id"]) }),
        (.time, { cell($0["at"]) }),
        (.peer, { cell($0["peer"]) }),
        (.ledger, { cell($0["ledger"]) }),
        (.key, { cell($0["key"]) }),
        (.dot, { cell($0["dot"]) }),
        (.code, { cell($0["code"]) }),
        (.detail, { cell($0["detail"]) }),
      ])
  }

  /// `quarantine show`: one refused item.
  package func quarantineEntry(_ document: JSON) -> String {
    pairs([
      (.number, cell(document["id"])), (.time, cell(document["at"])),
      (.peer, cell(document["peer"])), (.ledger, cell(document["ledger"])),
      (.key, cell(document["key"])), (.dot, cell(document["dot"])),
      (.code, cell(document["code"])), (.detail, cell(document["detail"])),
      (.proof, document["proof_bytes"].map { "\($0.plain) B" } ?? ""),
    ])
  }
}

extension Phrase {
  static let number = Phrase("编号", "id")
  static let ledger = Phrase("台账", "ledger")
  static let code = Phrase("代码", "code")
  static let detail = Phrase("说明", "detail")
  static let proof = Phrase("证据", "proof")
}
