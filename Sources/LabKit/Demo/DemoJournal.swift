import DaemonKit

/// What the demo found, in the order of the story.
struct DemoJournal {
  struct Check: Sendable {
    let title: Phrase
    let isGood: Bool
    /// Times and counts.
    let detail: String
  }

  let language: Language
  private(set) var checks: [Check] = []
  private var step = 0

  init(_ language: Language) { self.language = language }

  var failures: Int { checks.count { !$0.isGood } }

  /// Tells the next step of the story.
  mutating func tell(_ phrase: Phrase) {
    step += 1
    Outcome.say("\n\(step). \(phrase.text(in: language))")
  }

  /// Notes a check and says it at once.
  mutating func check(_ title: Phrase, _ isGood: Bool, _ detail: String = "") {
    checks.append(Check(title: title, isGood: isGood, detail: detail))
    let mark = isGood ? "✓" : "✗"
    Outcome.say("   \(mark) \(title.text(in: language))\(detail.isEmpty ? "" : "  (\(detail))")")
  }

  /// The table that ends the demo.
  var table: String {
    let titles = [Phrase("检查", "checked"), Phrase("结果", "result"), Phrase("详情", "detail")]
    var table = TextTable(titles.map { $0.text(in: language) })
    let (good, bad) = (Phrase("通过", "holds"), Phrase("未通过", "FAILED"))
    for check in checks {
      table.add([
        check.title.text(in: language), (check.isGood ? good : bad).text(in: language),
        check.detail,
      ])
    }
    return table.text
  }

  /// Milliseconds or seconds, as short as they can be said.
  static func time(_ seconds: Double) -> String {
    if seconds < 1 { return "\(Int((seconds * 1_000).rounded())) ms" }
    return "\((seconds * 10).rounded() / 10) s"
  }
}
