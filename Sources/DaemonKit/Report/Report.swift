/// Renders the documents of the control service for people.
package struct Report: Sendable {
  package let language: Language

  /// Renders in one language.
  package init(_ language: Language) { self.language = language }

  func say(_ phrase: Phrase) -> String { phrase.text(in: language) }
  func word(_ json: JSON?) -> String { Phrase.word(json?.plain ?? "", in: language) }
  func cell(_ json: JSON?) -> String { json?.plain ?? "" }
  func yesNo(_ json: JSON?) -> String { json?.bool.map { say($0 ? .yes : .no) } ?? cell(json) }
  func list(_ json: JSON?) -> String { (json?.elements ?? []).map(\.plain).joined(separator: ", ") }

  /// A time to the second.
  func moment(_ json: JSON?) -> String {
    let text = cell(json)
    guard let dot = text.lastIndex(of: "."), text.hasSuffix("Z") else { return text }
    return text[..<dot] + "Z"
  }

  /// Seconds as people say them: `0.2 s`, `3 min`, `2 h`, `4 d`.
  func duration(_ json: JSON?) -> String {
    guard let seconds = json?.double else { return "" }
    if seconds < 10 { return "\((seconds * 10).rounded() / 10) s" }
    if seconds < 120 { return "\(Int(seconds)) s" }
    if seconds < 7_200 { return "\(Int(seconds / 60)) min" }
    if seconds < 172_800 { return "\(Int(seconds / 3_600)) h" }
    return "\(Int(seconds / 86_400)) d"
  }

  /// A reason, `code: detail`, as a sentence with what to do and the detail behind it; as it is when this build does not know the code.
  func reason(_ json: JSON?) -> String {
    guard let reason = json?.text, !reason.isEmpty else { return "" }
    let parts = reason.split(separator: ":", maxSplits: 1).map(String.init)
    guard let code = parts.first, Message.named("link.\(code)") != nil else { return reason }
    return explained("link.\(code)", parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "")
  }

  /// A code as a sentence with what to do, and a detail behind it; the detail alone when this build does not know the code.
  func explained(_ code: String, _ detail: String) -> String {
    guard let message = Message.named(code) else { return detail }
    let hint = message.hint(in: language).map { "; \($0)" } ?? ""
    return message.text(in: language) + hint + (detail.isEmpty ? "" : " (\(detail))")
  }

  /// `rows` of two columns, aligned.
  func pairs(_ rows: [(Phrase, String)]) -> String {
    let width = rows.map { DisplayWidth.of(say($0.0)) }.max() ?? 0
    return rows.map { title, value in
      let label = say(title)
      return label + String(repeating: " ", count: width - DisplayWidth.of(label)) + "  " + value
    }.joined(separator: "\n")
  }

  /// A table of objects: title, and how a cell is made of one.
  func table(_ rows: [JSON], right: Set<Int> = [], _ columns: [(Phrase, (JSON) -> String)])
    -> String
  {
    guard !rows.isEmpty else { return say(.none) }
    var table = TextTable(columns.map { say($0.0) }, alignRight: right)
    for row in rows { table.add(columns.map { $0.1(row) }) }
    return table.text
  }
}
