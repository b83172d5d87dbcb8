/// One message for operators: a stable code, the sentence and the next step, in both languages.
///
/// `{name}` in a text stands for a value given when it is shown. No value of a record is ever given.
package struct Message: Sendable {
  package let code: String
  package let chinese: String
  package let english: String
  /// What to do next; empty when the sentence says it all.
  package let hintChinese: String
  package let hintEnglish: String

  init(
    _ code: String, zh: String, en: String, hintZh: String = "", hintEn: String = ""
  ) {
    self.code = code
    chinese = zh
    english = en
    hintChinese = hintZh
    hintEnglish = hintEn
  }

  /// The sentence with its values filled in.
  package func text(_ values: [String: String] = [:], in language: Language) -> String {
    Self.fill(language == .chinese ? chinese : english, values)
  }

  /// The next step with its values filled in; nil when there is none.
  package func hint(_ values: [String: String] = [:], in language: Language) -> String? {
    let hint = language == .chinese ? hintChinese : hintEnglish
    return hint.isEmpty ? nil : Self.fill(hint, values)
  }

  /// The names that a text asks for, in order.
  package static func placeholders(of text: String) -> [String] {
    var names: [String] = []
    var rest = text[...]
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      names.append(String(rest[rest.index(after: open)..<close]))
      rest = rest[rest.index(after: close)...]
    }
    return names
  }

  private static func fill(_ text: String, _ values: [String: String]) -> String {
    var result = ""
    var rest = text[...]
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      result += rest[..<open]
      let name = String(rest[rest.index(after: open)..<close])
      // A value that was forgotten shows as its name, so that the sentence still says something.
      result += values[name] ?? name
      rest = rest[rest.index(after: close)...]
    }
    return result + rest
  }
}

extension Message {
  /// Every message, by area. The order means nothing.
  package static let all: [Message] =
    settingsMessages + clusterMessages + controlMessages + conflictMessages + labMessages
    + divisionMessages + linkMessages + certificateMessages + restoreMessages + handoverMessages
    + verifyMessages + scopeMessages

  private static let byCode = Dictionary(all.map { ($0.code, $0) }) { first, _ in first }

  /// Finds a message by its code; nil when this build does not know it.
  package static func named(_ code: String) -> Message? { byCode[code] }
}
