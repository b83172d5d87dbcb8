/// The language that an operator reads. JSON, logs and exit statuses do not depend on it.
package enum Language: String, Sendable, CaseIterable {
  case chinese = "zh"
  case english = "en"

  /// The language that an environment asks for: the first of `LC_ALL`, `LC_MESSAGES`, `LANG` that is set; `zh…` is Chinese, all else English.
  package init(environment: [String: String]) {
    let chosen = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }
      .first { !$0.isEmpty }
    self = chosen?.hasPrefix("zh") == true ? .chinese : .english
  }

  /// The language of this process.
  package static let current = Language(environment: ProcessEnvironment.variables)
}
