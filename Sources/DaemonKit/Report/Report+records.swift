extension Report {
  /// `trace`: who wrote what is shown.
  package func trace(_ document: JSON) -> String {
    table(
      document.elements,
      [
        (.field, { cell($0["field"]) }),
        (.value, { cell($0["value"]) }),
        (.node, { cell($0["node"]) }),
        (.author, { cell($0["author"]) }),
        (.time, { cell($0["time"]) }),
        (.dot, { cell($0["dot"]) }),
        (.rule, { cell($0["rule"]) }),
        (.signature, { word($0["signature"]) }),
      ])
  }

  /// `ledger list`.
  package func ledgers(_ document: JSON) -> String {
    table(
      document.elements,
      [
        (.name, { cell($0["name"]) }),
        (.title, { cell($0["title"]) }),
        (.key, { cell($0["key"]) }),
        (.homes, { list($0["homes"]) }),
        (.lane, { word($0["lane"]) }),
        (
          .fields,
          { ledger in
            ledger["fields"].map { fields in
              if case .array(let all) = fields { "\(all.count)" } else { fields.plain }
            } ?? ""
          }
        ),
      ])
  }

  /// `ledger show`.
  package func ledger(_ document: JSON) -> String {
    let head = pairs([
      (.name, cell(document["name"])), (.title, cell(document["title"])),
      (.key, cell(document["key"])), (.homes, list(document["homes"])),
      (.lane, word(document["lane"])),
    ])
    let fields = table(
      document["fields"]?.elements ?? [],
      [
        (.field, { cell($0["name"]) }),
        (.title, { cell($0["title"]) }),
        (.type, { cell($0["type"]) }),
        (.sensitive, { yesNo($0["sensitive"]) }),
        (.authorities, { list($0["authorities"]) }),
      ])
    return head + "\n\n" + fields + codes(document["fields"]?.elements ?? [])
  }

  /// What each code may be, a line a field.
  private func codes(_ fields: [JSON]) -> String {
    let lines = fields.compactMap { field -> String? in
      guard let codes = field["codes"]?.elements, !codes.isEmpty else { return nil }
      let items = codes.map { "\(cell($0["code"])) \(cell($0["title"]))" }
      return "\(cell(field["name"])): " + items.joined(separator: ", ")
    }
    return lines.isEmpty ? "" : "\n\n" + lines.joined(separator: "\n")
  }

  /// `scope apply`: which policy is in force now.
  package func scopeApplied(_ document: JSON) -> String {
    "\(say(.scopeApplied)) \(cell(document["epoch"]))"
  }
}
